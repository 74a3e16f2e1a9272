using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>The runtime under test: any CRI socket, and the image its containers run.</summary>
internal sealed class Target : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly string _logs = Directory.CreateTempSubdirectory("cri-bench-logs").FullName;
    private readonly string _run = Guid.NewGuid().ToString("n")[..8];
    private readonly UnixDomainSocketEndPoint _endpoint;
    private int _pods;

    internal Target(string endpoint, string image)
    {
        string path = endpoint.StartsWith("unix://", StringComparison.Ordinal) ? endpoint["unix://".Length..] : endpoint;
        _endpoint = new UnixDomainSocketEndPoint(path);
        _channel = GrpcChannel.ForUnixSocket(path);
        Runtime = new RuntimeService.RuntimeServiceClient(_channel);
        Images = new ImageService.ImageServiceClient(_channel);
        Image = image;
    }

    internal RuntimeService.RuntimeServiceClient Runtime { get; }

    internal ImageService.ImageServiceClient Images { get; }

    internal string Image { get; }

    internal async Task<string> NameAsync()
    {
        VersionResponse version = await Runtime.VersionAsync(new VersionRequest());
        return $"{version.RuntimeName} {version.RuntimeVersion.Split('~', '+')[0]}";
    }

    /// <summary>Whether a connection is accepted; cheap enough to ask every millisecond.</summary>
    internal bool Listens()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(_endpoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Pulls the image of the containers, unless it is there.</summary>
    internal async Task EnsureImageAsync()
    {
        ImageSpec spec = new() { Image = Image };
        if ((await Images.ImageStatusAsync(new ImageStatusRequest { Image = spec })).Image is null)
            await Images.PullImageAsync(new PullImageRequest { Image = spec });
    }

    internal PodSandboxConfig NewPod(bool hostNetwork)
    {
        string name = $"bench-{_run}-{Interlocked.Increment(ref _pods)}";
        return new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = name, Namespace = "bench", Uid = name },
            Hostname = hostNetwork ? "" : name,
            LogDirectory = Directory.CreateDirectory(Path.Combine(_logs, name)).FullName,
            Labels = { ["bench"] = _run },
            Linux = new LinuxPodSandboxConfig
            {
                CgroupParent = "/cri-bench",
                SecurityContext = new LinuxSandboxSecurityContext
                {
                    NamespaceOptions = new NamespaceOption { Network = hostNetwork ? NamespaceMode.Node : NamespaceMode.Pod, Pid = NamespaceMode.Container },
                },
            },
        };
    }

    internal ContainerConfig NewContainer(params string[] command) => new()
    {
        Metadata = new ContainerMetadata { Name = "main" },
        Image = new ImageSpec { Image = Image },
        Command = { command },
        LogPath = "main.log",
        Linux = new LinuxContainerConfig
        {
            Resources = new LinuxContainerResources { CpuShares = 100, MemoryLimitInBytes = 256 << 20 },
            SecurityContext = new LinuxContainerSecurityContext { NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container } },
        },
    };

    /// <summary>Removes every pod of this run, eight at a time. A call that fails is tried again for a while: a peer may still be busy.</summary>
    internal async Task RemoveAllAsync()
    {
        ListPodSandboxRequest mine = new() { Filter = new PodSandboxFilter { LabelSelector = { ["bench"] = _run } } };
        await Parallel.ForEachAsync(
            (await Runtime.ListPodSandboxAsync(mine)).Items,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (pod, _) => await RemoveAsync(pod.Id));
    }

    public void Dispose()
    {
        _channel.Dispose();
        Directory.Delete(_logs, recursive: true);
    }

    private async Task RemoveAsync(string pod)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod });
                await Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod });
                return;
            }
            catch (RpcException) when (attempt < 5)
            {
                await Task.Delay(200);
            }
        }
    }
}
