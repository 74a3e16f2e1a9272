using System.Globalization;
using System.Net.Sockets;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>
/// The daemon has as many descriptors open as it may (RLIMIT_NOFILE): it refuses, and goes on when there are some again. Only the published
/// program can show it: one that is compiled as it runs needs descriptors for its own code.
/// </summary>
public sealed class DescriptorExhaustionTests
{
    [Fact]
    public async Task Requests_fail_containers_go_on_and_all_is_well_when_descriptors_are_free_again()
    {
        await using Daemon daemon = await Daemon.StartAsync("nofile", Networks.Bridge);
        daemon.ExpectError("Too many open files");
        daemon.ExpectError("EMFILE");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("steady", hostNetwork: false);
        string podId = await daemon.RunPodAsync(pod);
        string container = await daemon.StartNewAsync(podId, pod, Cri.Container("counting", "sh", "-c", "while true; do echo tick; sleep 0.05; done"));
        string log = Path.Combine(pod.LogDirectory, "counting.log");
        int before = Open(daemon);

        await LimitAsync(daemon, before + 6);
        List<Socket> hogs = [];
        for (int i = 0; i < 30; i++)
        {
            Socket hog = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            hogs.Add(hog);
            await hog.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket), Wait.Limit);
        }

        long size = new FileInfo(log).Length;
        PodSandboxConfig unlucky = daemon.Pod("unlucky", hostNetwork: false);
        using (CancellationTokenSource patience = new(TimeSpan.FromSeconds(20)))
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(
                () => daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = unlucky }, cancellationToken: patience.Token).ResponseAsync);
            Assert.NotEqual(StatusCode.OK, refused.StatusCode);
        }

        await Wait.UntilAsync("the container to go on", () => new FileInfo(log).Length > size);
        foreach (Socket hog in hogs)
            hog.Dispose();
        await LimitAsync(daemon, 1024);

        Assert.Equal("still here\n", await daemon.ExecTextAsync(container, "echo", "still here"));
        PodSandboxConfig later = daemon.Pod("later", hostNetwork: false);
        string laterId = await daemon.RunPodAsync(later);
        await daemon.StartNewAsync(laterId, later, Cri.Container("main"));
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = laterId });
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
        await Wait.UntilAsync($"the descriptors to be closed, of which there were {before}", () => Open(daemon) <= before + 6);

        // What could not be undone for want of a descriptor is undone in the background or, at the latest, by the next start.
        await daemon.KillAsync();
        await daemon.StartProcessAsync();
    }

    private static async Task LimitAsync(Daemon daemon, int count) => await Shell.RunAsync(
        "prlimit", "--pid", daemon.Pid.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--nofile={count}:"));

    private static int Open(Daemon daemon) => Directory.GetFileSystemEntries($"/proc/{daemon.Pid}/fd").Length;
}
