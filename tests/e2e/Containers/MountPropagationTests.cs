using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>Mounts that come later, through volumes in the very mount that holds the daemon's run directory, where the containers' roots are put together.</summary>
public sealed class MountPropagationTests(HandlerDaemon shared) : IClassFixture<HandlerDaemon>
{
    private static int s_count;

    private readonly Daemon _daemon = shared.Daemon;

    public static MatrixTheoryData<string, MountPropagation> All => new(
        ["", Binaries.Runc, Binaries.Crun], [MountPropagation.PropagationPrivate, MountPropagation.PropagationHostToContainer, MountPropagation.PropagationBidirectional]);

    [Theory, MemberData(nameof(All))]
    public async Task A_mount_of_the_host_is_seen_where_that_was_asked_for(string handler, MountPropagation propagation)
    {
        bool seen = propagation != MountPropagation.PropagationPrivate;
        (string podId, string id, string volume) = await StartAsync(handler, propagation);
        string point = Directory.CreateDirectory(Path.Combine(volume, "late")).FullName;
        await Shell.RunAsync("mount", "-t", "tmpfs", "late", point);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(point, "flag"), "");
            Assert.Equal(seen ? "flag\n" : "", await _daemon.ExecTextAsync(id, "ls", "/volume/late"));
        }
        finally
        {
            await Shell.RunAsync("umount", point);
        }

        await RemoveAsync(podId);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_mount_of_the_container_reaches_the_host_where_that_was_asked_for(string handler, MountPropagation propagation)
    {
        bool reaches = propagation == MountPropagation.PropagationBidirectional;
        (string podId, string id, string volume) = await StartAsync(handler, propagation);
        Directory.CreateDirectory(Path.Combine(volume, "made"));
        await _daemon.ExecTextAsync(id, "mount", "-t", "tmpfs", "made", "/volume/made");
        Assert.Equal(reaches, (await File.ReadAllTextAsync("/proc/self/mountinfo")).Contains(volume + "/made ", StringComparison.Ordinal));
        await _daemon.ExecTextAsync(id, "umount", "/volume/made");
        Assert.DoesNotContain(volume, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
        await RemoveAsync(podId);
    }

    private async Task<(string PodId, string Id, string Volume)> StartAsync(string handler, MountPropagation propagation)
    {
        string name = $"propagation-{Interlocked.Increment(ref s_count)}";
        string volume = Directory.CreateDirectory(Path.Combine(_daemon.Base, "volumes", name)).FullName;
        PodSandboxConfig pod = _daemon.Pod(name);
        pod.Linux.SecurityContext.Privileged = true;
        string podId = (await _daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod, RuntimeHandler = handler })).PodSandboxId;
        ContainerConfig config = Cri.Container("sleeper", "sleep", "100000");
        config.Linux.SecurityContext.Privileged = true;
        config.Mounts.Add(new Mount { HostPath = volume, ContainerPath = "/volume", Propagation = propagation });
        return (podId, await _daemon.StartNewAsync(podId, pod, config), volume);
    }

    private async Task RemoveAsync(string podId)
    {
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }
}
