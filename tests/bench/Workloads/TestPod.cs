using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>A pod of one container, or several, for work that is done inside it.</summary>
/// <param name="ContainerId">Its first container.</param>
internal sealed record TestPod(string PodId, PodSandboxConfig Config, string ContainerId)
{
    /// <summary>The command of a container that is only there.</summary>
    internal static readonly string[] Sleep = ["sleep", "100000"];

    /// <summary>Starts one with the container's command, after <paramref name="configure"/> had a look at it.</summary>
    internal static async Task<TestPod> StartAsync(Target target, bool hostNetwork, string[] command, Action<ContainerConfig>? configure = null) =>
        await StartAsync(target, target.NewPod(hostNetwork), command, configure);

    internal static async Task<TestPod> StartAsync(Target target, PodSandboxConfig config, string[] command, Action<ContainerConfig>? configure = null)
    {
        string pod = (await target.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config })).PodSandboxId;
        ContainerConfig container = target.NewContainer(command);
        configure?.Invoke(container);
        string id = await CreateAsync(target, pod, config, container);
        await target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id });
        return new TestPod(pod, config, id);
    }

    /// <summary>One more container, which sleeps; it is not started.</summary>
    /// <returns>Its id.</returns>
    internal Task<string> CreateAsync(Target target, string name)
    {
        ContainerConfig container = target.NewContainer(Sleep);
        container.Metadata.Name = name;
        container.LogPath = $"{name}.log";
        return CreateAsync(target, PodId, Config, container);
    }

    /// <summary>The same, and starts it.</summary>
    internal async Task AddAsync(Target target, string name) =>
        await target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = await CreateAsync(target, name) });

    /// <summary>The host's programs beside the image's, for those that a busybox lacks: socat and coreutils' dd.</summary>
    internal static void MountHostPrograms(ContainerConfig container)
    {
        foreach (string directory in new[] { "/usr", "/lib", "/lib64" })
        {
            if (Directory.Exists(directory))
                container.Mounts.Add(new Mount { HostPath = directory, ContainerPath = directory, Readonly = true });
        }
    }

    private static async Task<string> CreateAsync(Target target, string pod, PodSandboxConfig config, ContainerConfig container)
    {
        CreateContainerRequest create = new() { PodSandboxId = pod, Config = container, SandboxConfig = config };
        return (await target.Runtime.CreateContainerAsync(create)).ContainerId;
    }
}
