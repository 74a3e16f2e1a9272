using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>Logs on file systems and paths that do not behave.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class LogFaultTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("logfault-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task A_full_disk_under_the_log_neither_blocks_nor_kills_the_container_and_is_reported()
    {
        string full = Path.Combine(_pod.LogDirectory, "full");
        Directory.CreateDirectory(full);
        await Shell.RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", full);
        try
        {
            ContainerConfig config = Cri.Container("full", "sh", "-c", "yes line | head -c 5000000; echo finished > /tmp/done; sleep 1000");
            config.LogPath = "full/full.log";
            string id = await _daemon.StartNewAsync(_podId, _pod, config);
            await Wait.UntilAsync("the container to go on", async () => (await _daemon.ExecAsync(id, "cat", "/tmp/done")).ExitCode == 0);
            await Wait.UntilAsync("the loss to be logged", () => _daemon.LogText.Contains($"the log of container {id} can't be written (ENOSPC)", StringComparison.Ordinal));
            await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id });
            await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        }
        finally
        {
            await Shell.RunAsync("umount", full);
        }
    }

    [Fact]
    public async Task A_log_that_is_a_symbolic_link_is_refused_and_what_it_points_to_stays()
    {
        string target = Path.Combine(_daemon.Base, "precious");
        await File.WriteAllTextAsync(target, "untouched");
        File.CreateSymbolicLink(Path.Combine(_pod.LogDirectory, "link.log"), target);
        string message = await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.CreateAsync(_podId, _pod, Cri.Container("link", "echo", "overwritten")));
        Assert.Contains("link.log", message, StringComparison.Ordinal);
        Assert.Equal("untouched", await File.ReadAllTextAsync(target));
        File.Delete(target);
    }

    [Fact]
    public async Task A_directory_on_the_way_to_the_log_that_is_a_symbolic_link_is_refused()
    {
        string outside = Path.Combine(_daemon.Base, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateSymbolicLink(Path.Combine(_pod.LogDirectory, "dir"), outside);
        ContainerConfig config = Cri.Container("through", "echo", "out");
        config.LogPath = "dir/through.log";
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.CreateAsync(_podId, _pod, config));
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public async Task Output_without_a_newline_is_kept_in_parts_and_costs_no_memory()
    {
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(_podId, _pod, Cri.Container("endless", "head", "-c", "3000000", "/dev/zero"));
        Assert.Equal(0, status.ExitCode);
        Assert.Equal(3_000_000, output.TrimEnd('\n').Length);
        Assert.Contains(" stdout P ", (await File.ReadAllTextAsync(status.LogPath))[..100], StringComparison.Ordinal);
    }
}
