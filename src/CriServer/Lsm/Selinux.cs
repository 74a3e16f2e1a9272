using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Lsm;

/// <summary>
/// The SELinux labels of pods and containers. A pod gets the policy's labels with categories of its own; what selinux_options name replaces that part. A
/// container has its pod's labels, or those with its own options. A privileged container, and one that sees the node's processes or ipc, gets no process label: the policy
/// decides (spc_t), as with containerd and CRI-O.
/// </summary>
/// <param name="policy">Null: SELinux is not used, and options are ignored.</param>
/// <param name="knows">Whether the loaded policy has a label.</param>
public sealed class Selinux(SelinuxPolicy? policy, Func<string, bool> knows, RuntimeState state)
{
    private readonly McsLevels _levels = new(() => LevelsOf(state));

    /// <summary>Labels are set.</summary>
    public bool Enabled => policy is not null;

    /// <summary>The labels of a new pod, to be held until it is published; null where SELinux is not used.</summary>
    /// <exception cref="CriException">InvalidArgument: the policy does not have the label that the options make.</exception>
    public PodClaim? Claim(PodSandboxConfig config)
    {
        if (policy is null)
            return null;
        bool named = config.SelinuxOptions is { Level.Length: > 0 };
        McsLevels.Claim? own = named ? null : _levels.Take();
        try
        {
            string level = own?.Level ?? config.SelinuxOptions!.Level;
            return new PodClaim(With(config.SelinuxOptions, policy.Process with { Level = level }, policy.Files with { Level = level }), own);
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    /// <summary>The labels of a container; null for none.</summary>
    /// <exception cref="CriException">InvalidArgument: the policy does not have the label that the options make.</exception>
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

    private SelinuxLabels With(SelinuxOptions? options, SelinuxLabel process, SelinuxLabel files)
    {
        if (options is null)
            return new SelinuxLabels(process.ToString(), files.ToString());
        SelinuxLabels labels = new(options.OnProcess(process).ToString(), options.OnFiles(files).ToString());
        foreach (string label in new[] { labels.Process, labels.Files })
        {
            if (!knows(label))
                throw CriException.InvalidArgument($"security_context.selinux_options: the loaded policy does not know {label}");
        }

        return labels;
    }

    /// <summary>A new pod's labels.</summary>
    public sealed class PodClaim(SelinuxLabels labels, McsLevels.Claim? level) : IDisposable
    {
        public SelinuxLabels Labels => labels;

        public void Dispose() => level?.Dispose();
    }
}
