using CriRuntime.CriServer.Containers;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>Containers as plugins see them: the request, the state, and the spec that was made of both.</summary>
public static class ContainerMessages
{
    public static Api.Container Describe(Container container, Spec spec)
    {
        Api.Container message = new()
        {
            Id = container.Id,
            PodSandboxId = container.SandboxId,
            Name = container.Config.Metadata.Name,
            State = StateOf(container.Phase),
            Pid = (uint)container.Pid,
            CreatedAt = container.CreatedAt,
            StartedAt = container.StartedAt,
            FinishedAt = container.FinishedAt,
            ExitCode = container.ExitCode,
            StatusReason = container.Reason,
            StatusMessage = container.Message,
            Image = new Api.Image { Name = container.Config.Image, Digest = DigestOf(container.ImageRef), ConfigDigest = container.ImageId },
            Linux = LinuxMessages.Describe(container, spec),
        };
        foreach ((string key, string value) in container.Config.Labels)
            message.Labels[key] = value;
        foreach ((string key, string value) in container.Config.Annotations)
            message.Annotations[key] = value;
        foreach ((string key, string value) in spec.Annotations)
            message.Annotations[key] = value;
        foreach (string device in container.Config.CdiDevices)
            message.CdiDevices.Add(new Api.CDIDevice { Name = device });
        AddProcess(message, spec.Process ?? new Process());
        AddMounts(message, spec.Mounts);
        message.Hooks = HookMessages.Describe(spec.Hooks ?? new Hooks());
        return message;
    }

    private static Api.ContainerState StateOf(ContainerPhase phase) => phase switch
    {
        ContainerPhase.Created => Api.ContainerState.ContainerCreated,
        ContainerPhase.Running => Api.ContainerState.ContainerRunning,
        ContainerPhase.Exited or ContainerPhase.Removing => Api.ContainerState.ContainerStopped,
        _ => Api.ContainerState.ContainerUnknown,
    };

    private static string DigestOf(string reference) => reference[(reference.IndexOf('@', StringComparison.Ordinal) + 1)..];

    private static void AddProcess(Api.Container message, Process process)
    {
        message.Args.Add(process.Args);
        message.Env.Add(process.Env);
        message.User = new Api.User { Uid = process.User.Uid, Gid = process.User.Gid };
        message.User.AdditionalGids.Add(process.User.AdditionalGids);
        foreach (Rlimit limit in process.Rlimits)
            message.Rlimits.Add(new Api.POSIXRlimit { Type = limit.Type, Hard = limit.Hard, Soft = limit.Soft });
    }

    private static void AddMounts(Api.Container message, IReadOnlyList<Mount> mounts)
    {
        foreach (Mount mount in mounts)
        {
            Api.Mount added = new() { Destination = mount.Destination, Type = mount.Type ?? "", Source = mount.Source ?? "" };
            added.Options.Add(mount.Options);
            message.Mounts.Add(added);
        }
    }
}
