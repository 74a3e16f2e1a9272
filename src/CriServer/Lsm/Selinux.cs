using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Lsm;

/// <summary>
/// The SELinux labels of pods and containers. A pod gets the policy's labels with categories of its own; what selinux_options name replaces that part. A
/// container has its pod's labels, or those with its own options. A privileged container, and one that sees the node's processes or ipc, gets no process label: the policy
/// decides (spc_t), as with containerd and CRI-O.
/// </summary>
/// <param name="policy">Null: SELinux is not used, and options are ignored.</param>
public sealed class Selinux(SelinuxPolicy? policy, RuntimeState state)
{
    private readonly McsLevels _levels = new(() => LevelsOf(state));

    /// <summary>Labels are set.</summary>
    public bool Enabled => policy is not null;

    /// <summary>The labels of a new pod, to be held until it is published; null where SELinux is not used.</summary>
    public PodClaim? Claim(PodSandboxConfig config)
    {
        if (policy is null)
            return null;
        bool named = config.SelinuxOptions is { Level.Length: > 0 };
        McsLevels.Claim? own = named ? null : _levels.Take();
        string level = own?.Level ?? config.SelinuxOptions!.Level;
        return new PodClaim(With(config.SelinuxOptions, policy.Process with { Level = level }, policy.Files with { Level = level }), own);
    }

    /// <summary>The labels of a container; null for none.</summary>
    public (string? Process, string? Files) Of(PodSandbox pod, ContainerSecurity security)
    {
        if (policy is null || pod.Selinux is not { } labels)
            return (null, null);
        if (security.SelinuxOptions is { } options
            && SelinuxLabel.TryParse(labels.Process, out SelinuxLabel? process) && SelinuxLabel.TryParse(labels.Files, out SelinuxLabel? files))
        {
            labels = With(options, process, files);
        }

        bool free = security.Privileged || security.Namespaces.Pid == NamespaceMode.Node || security.Namespaces.Ipc == NamespaceMode.Node;
        return (free ? null : labels.Process, labels.Files);
    }

    /// <summary>The levels that pods have.</summary>
    public static IEnumerable<string> LevelsOf(RuntimeState state)
    {
        foreach (PodSandbox pod in state.Pods.Current.Values)
        {
            if (pod.Selinux is { } labels && SelinuxLabel.TryParse(labels.Files, out SelinuxLabel? label))
                yield return label.Level;
        }
    }

    private static SelinuxLabels With(SelinuxOptions? options, SelinuxLabel process, SelinuxLabel files) =>
        new((options?.OnProcess(process) ?? process).ToString(), (options?.OnFiles(files) ?? files).ToString());

    /// <summary>A new pod's labels.</summary>
    public sealed class PodClaim(SelinuxLabels labels, McsLevels.Claim? level) : IDisposable
    {
        public SelinuxLabels Labels => labels;

        public void Dispose() => level?.Dispose();
    }
}
