using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Harness;

/// <summary>The CRI calls that most tests make, with the fields that most tests do not care about filled in.</summary>
internal static class Cri
{
    internal const string Busybox = "localhost/busybox:latest";

    internal static PodSandboxConfig Pod(this Daemon daemon, string name, bool hostNetwork = true)
    {
        string logs = Path.Combine(daemon.Base, "logs", name);
        Directory.CreateDirectory(logs);
        return new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = name, Namespace = "e2e", Uid = "uid-" + name },
            Hostname = hostNetwork ? "" : name,
            LogDirectory = logs,
            Linux = new LinuxPodSandboxConfig
            {
                SecurityContext = new LinuxSandboxSecurityContext
                {
                    NamespaceOptions = new NamespaceOption
                    {
                        Network = hostNetwork ? NamespaceMode.Node : NamespaceMode.Pod,
                        Pid = NamespaceMode.Container,
                    },
                },
            },
        };
    }

    internal static ContainerConfig Container(string name, params string[] command) => new()
    {
        Metadata = new ContainerMetadata { Name = name },
        Image = new ImageSpec { Image = Busybox },
        Command = { command },
        LogPath = name + ".log",
        Linux = new LinuxContainerConfig
        {
            SecurityContext = new LinuxContainerSecurityContext { NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container } },
        },
    };

    internal static async Task<string> RunPodAsync(this Daemon daemon, PodSandboxConfig pod) =>
        (await daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod })).PodSandboxId;

    internal static async Task<string> CreateAsync(this Daemon daemon, string podId, PodSandboxConfig pod, ContainerConfig container) =>
        (await daemon.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = podId, Config = container, SandboxConfig = pod })).ContainerId;

    internal static async Task StartAsync(this Daemon daemon, string containerId) =>
        await daemon.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = containerId });

    internal static async Task<string> StartNewAsync(this Daemon daemon, string podId, PodSandboxConfig pod, ContainerConfig container)
    {
        string id = await daemon.CreateAsync(podId, pod, container);
        await daemon.StartAsync(id);
        return id;
    }

    internal static async Task<ContainerStatus> StatusAsync(this Daemon daemon, string containerId) =>
        (await daemon.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = containerId })).Status;

    /// <summary>Of the container's first process, on the host.</summary>
    internal static async Task<int> PidAsync(this Daemon daemon, string containerId)
    {
        ContainerStatusResponse status = await daemon.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = containerId, Verbose = true });
        using System.Text.Json.JsonDocument info = System.Text.Json.JsonDocument.Parse(status.Info["info"]);
        return info.RootElement.GetProperty("pid").GetInt32();
    }

    internal static async Task<PodSandboxStatus> PodStatusAsync(this Daemon daemon, string podId) =>
        (await daemon.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = podId })).Status;

    internal static async Task<ContainerStatus> ExitAsync(this Daemon daemon, string containerId)
    {
        await Wait.UntilAsync($"container {containerId[..12]} to exit", async () => (await daemon.StatusAsync(containerId)).State == ContainerState.ContainerExited);
        return await daemon.StatusAsync(containerId);
    }

    /// <summary>Runs <paramref name="container"/> to its end.</summary>
    /// <returns>Its status and its log's messages, without time stamps.</returns>
    internal static async Task<(ContainerStatus Status, string Output)> RunToEndAsync(this Daemon daemon, string podId, PodSandboxConfig pod, ContainerConfig container)
    {
        string id = await daemon.StartNewAsync(podId, pod, container);
        ContainerStatus status = await daemon.ExitAsync(id);
        return (status, await MessagesAsync(status.LogPath));
    }

    /// <summary>The messages of a CRI log, one a line, partial ones joined.</summary>
    internal static async Task<string> MessagesAsync(string log)
    {
        System.Text.StringBuilder text = new();
        foreach (string line in (await File.ReadAllTextAsync(log)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(' ', 4);
            text.Append(parts[3]);
            if (parts[2] == "F")
                text.Append('\n');
        }

        return text.ToString();
    }

    internal static async Task<ExecSyncResponse> ExecAsync(this Daemon daemon, string containerId, params string[] command) =>
        await daemon.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = containerId, Cmd = { command }, Timeout = 20 });

    internal static async Task<string> ExecTextAsync(this Daemon daemon, string containerId, params string[] command)
    {
        ExecSyncResponse response = await daemon.ExecAsync(containerId, command);
        Assert.True(response.ExitCode == 0, $"{string.Join(' ', command)}: exit {response.ExitCode}: {response.Stderr.ToStringUtf8()}");
        return response.Stdout.ToStringUtf8();
    }

    /// <summary>Fails unless the call is refused with <paramref name="expected"/>.</summary>
    /// <returns>The message that the caller sees.</returns>
    internal static async Task<string> RefusedAsync(StatusCode expected, Func<Task> call)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.True(expected == refused.StatusCode, $"expected {expected}, got {refused.StatusCode}: {refused.Status.Detail}");
        return refused.Status.Detail;
    }
}
