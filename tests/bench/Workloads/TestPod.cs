using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>A pod of one container for work that is done inside it.</summary>
internal sealed record TestPod(string PodId, string ContainerId)
{
    /// <summary>Starts one with the container's command, after <paramref name="configure"/> had a look at it.</summary>
    internal static async Task<TestPod> StartAsync(Target target, bool hostNetwork, string[] command, Action<ContainerConfig>? configure = null) =>
        await StartAsync(target, target.NewPod(hostNetwork), command, configure);

    internal static async Task<TestPod> StartAsync(Target target, PodSandboxConfig config, string[] command, Action<ContainerConfig>? configure = null)
    {
        string pod = (await target.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config })).PodSandboxId;
        ContainerConfig container = target.NewContainer(command);
        configure?.Invoke(container);
        CreateContainerRequest create = new() { PodSandboxId = pod, Config = container, SandboxConfig = config };
        string id = (await target.Runtime.CreateContainerAsync(create)).ContainerId;
        await target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id });
        return new TestPod(pod, id);
    }

    /// <summary>The host's programs beside the image's, for those that a busybox lacks: socat and coreutils' dd.</summary>
    internal static void MountHostPrograms(ContainerConfig container)
    {
        foreach (string directory in new[] { "/usr", "/lib", "/lib64" })
        {
            if (Directory.Exists(directory))
                container.Mounts.Add(new Mount { HostPath = directory, ContainerPath = directory, Readonly = true });
        }
    }
}
