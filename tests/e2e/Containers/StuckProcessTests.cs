using System.Diagnostics;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>A process in an uninterruptible sleep, which not even SIGKILL ends.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class StuckProcessTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";
    private FrozenFileSystem _files = null!;

    public async ValueTask InitializeAsync()
    {
        string name = "stuck-" + Guid.NewGuid().ToString("n")[..8];
        _files = await FrozenFileSystem.MakeAsync(Path.Combine(_daemon.Base, name));
        _pod = _daemon.Pod(name);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.TryAsync("fsfreeze", "-u", _files.MountPoint);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });
        await _files.DisposeAsync();
    }

    [Fact]
    public async Task It_holds_up_no_other_container_and_its_own_stop_says_so_and_ends_it_when_it_wakes()
    {
        string stuck = await StartWriterAsync();
        string neighbour = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("neighbour"));
        PodSandboxConfig other = _daemon.Pod(_pod.Metadata.Name + "-other");
        string otherId = await _daemon.RunPodAsync(other);
        string elsewhere = await _daemon.StartNewAsync(otherId, other, Cri.Container("elsewhere"));
        await _files.FreezeAsync();
        await Wait.UntilAsync("the writer to be stuck", () => IsStuck());

        Task<StopContainerResponse> stopping = _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = stuck, Timeout = 1 }).ResponseAsync;
        long started = Stopwatch.GetTimestamp();

        // The monitor of its pod, and the daemon, go on as if nothing were.
        await _daemon.ExecTextAsync(neighbour, "true");
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = neighbour, Timeout = 0 });
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = neighbour });
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = elsewhere, Timeout = 0 });
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = otherId });
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = otherId });
        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(stuck)).State);
        Assert.False(stopping.IsCompleted, $"it was stopped after {Stopwatch.GetElapsedTime(started)}, though its process lives");

        string why = await Cri.RefusedAsync(StatusCode.DeadlineExceeded, () => stopping);
        Assert.Contains(stuck, why, StringComparison.Ordinal);
        Assert.Contains("processes have not ended", why, StringComparison.Ordinal);
        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(stuck)).State);

        await _files.ThawAsync();
        ContainerStatus status = await _daemon.ExitAsync(stuck);
        Assert.Equal((137, "Error"), (status.ExitCode, status.Reason));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = stuck });
    }

    [Fact]
    public async Task A_command_that_is_stuck_is_given_up_when_its_time_is_over()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, WithFiles(Cri.Container("probed")));
        await _files.FreezeAsync();
        ExecSyncRequest request = new() { ContainerId = id, Cmd = { "sh", "-c", "echo x > /files/probe" }, Timeout = 1 };
        await Cri.RefusedAsync(StatusCode.DeadlineExceeded, () => _daemon.Runtime.ExecSyncAsync(request).ResponseAsync);
        await _daemon.ExecTextAsync(id, "true");
        await _files.ThawAsync();
    }

    private async Task<string> StartWriterAsync()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, WithFiles(Cri.Container("writer", "sh", "-c", "while true; do echo line > /files/stuck-writer; done")));
        await Wait.UntilAsync("the first line", () => File.Exists(Path.Combine(_files.MountPoint, "stuck-writer")));
        return id;
    }

    private ContainerConfig WithFiles(ContainerConfig config)
    {
        config.Mounts.Add(new Mount { HostPath = _files.MountPoint, ContainerPath = "/files" });
        return config;
    }

    /// <summary>Whether a process that has the writer's command line is in state D (proc(5), stat).</summary>
    private static bool IsStuck()
    {
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            try
            {
                if (File.ReadAllText(directory + "/cmdline").Contains("/files/stuck-writer", StringComparison.Ordinal)
                    && File.ReadAllText(directory + "/stat").Split(") ", 2)[1].StartsWith('D'))
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // No process, or one that has ended.
            }
        }

        return false;
    }
}
