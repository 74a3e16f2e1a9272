using CriRuntime.E2e.Harness;
using CriRuntime.Quickstart;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>State files that a crash, a full disk or another program spoiled: the daemon starts, keeps the file for a person to look at, and serves all else.</summary>
public sealed class DamagedStateTests : IAsyncLifetime
{
    private readonly OciImage _image = TestImages.Busybox();
    private Daemon _daemon = null!;
    private PodSandboxConfig _healthyPod = null!;
    private string _healthyPodId = "";
    private string _healthy = "";
    private PodSandboxConfig _pod = null!;
    private string _podId = "";
    private string _container = "";

    public static MatrixTheoryData<string, string> Damages => new(
        ["pod", "container", "spec", "exit", "owed"],
        ["empty", "truncated", "zeros", "garbage", "null"]);

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("damaged");
        await _daemon.ImportAsync(Cri.Busybox, _image);
        _healthyPod = _daemon.Pod("healthy");
        _healthyPodId = await _daemon.RunPodAsync(_healthyPod);
        _healthy = await _daemon.StartNewAsync(_healthyPodId, _healthyPod, Cri.Container("main"));
        _pod = _daemon.Pod("victim");
        _podId = await _daemon.RunPodAsync(_pod);
        _container = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("main"));
    }

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Theory]
    [MemberData(nameof(Damages))]
    [InlineData("pod", "newer")]
    [InlineData("container", "newer")]
    [InlineData("owed", "newer")]
    public async Task A_damaged_file_costs_at_most_what_it_was_about(string kind, string damage)
    {
        string file = Path.Combine(_daemon.Run, "pods", _podId, kind switch
        {
            "pod" => "pod.json",
            "container" => $"containers/{_container}.json",
            "spec" => $"specs/{_container}.json",
            "exit" => $"exits/{_container}",
            _ => Path.Combine(_daemon.Root, "owed", _podId + ".json"),
        });
        if (kind == "exit")
        {
            await _daemon.ExecAsync(_container, "sh", "-c", "(sleep 0.5; kill -9 1) > /dev/null 2>&1 &");
            await _daemon.KillAsync();
            string monitor = (await File.ReadAllTextAsync(Path.Combine(_daemon.Run, "pods", _podId, "conmon.pid"))).Trim();
            await Shell.RunAsync("kill", "-KILL", monitor);
            if (!File.Exists(file))
                await File.WriteAllTextAsync(file, "");
        }
        else
        {
            await _daemon.KillAsync();
        }

        Spoil(file, damage);
        await _daemon.StartProcessAsync();

        Assert.Equal("served\n", await _daemon.ExecTextAsync(_healthy, "echo", "served"));
        Assert.Equal(PodSandboxState.SandboxReady, (await _daemon.PodStatusAsync(_healthyPodId)).State);
        if (kind is "pod" or "container" or "owed")
        {
            Assert.Single(Directory.GetFiles(Path.Combine(_daemon.Root, "quarantine")));
            Assert.Contains(file, _daemon.LogText, StringComparison.Ordinal);
        }

        await (kind switch
        {
            "pod" => ThePodIsGoneAndItsNameFreeAsync(),
            "container" => TheContainerIsGoneAndItsNameFreeAsync(),
            "spec" => TheContainerRunsAndCanBeEndedAsync(),
            "exit" => TheContainerHasEndedAsync(),
            _ => ThePodRunsAndCanBeEndedAsync(),
        });
    }

    [Fact]
    public async Task A_damaged_record_of_an_image_costs_an_image_that_can_be_had_again()
    {
        await _daemon.KillAsync();
        foreach (string record in Directory.GetFiles(Path.Combine(_daemon.Root, "images", "images")))
            Spoil(record, "truncated");
        await _daemon.StartProcessAsync();
        Assert.Equal("served\n", await _daemon.ExecTextAsync(_healthy, "echo", "served"));
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        await _daemon.StartNewAsync(_healthyPodId, _healthyPod, Cri.Container("another"));
    }

    [Theory]
    [InlineData("layers")]
    [InlineData("snapshots")]
    public async Task A_damaged_record_of_what_containers_run_on_takes_nothing_from_them(string of)
    {
        await _daemon.ExecTextAsync(_healthy, "sh", "-c", "echo mine > /mine");
        await _daemon.KillAsync();
        string images = Path.Combine(_daemon.Root, "images");
        int layers = Directory.GetDirectories(Path.Combine(images, "l")).Length;
        foreach (string record in Directory.GetFiles(Path.Combine(images, of), of == "layers" ? "*.json" : "layers", SearchOption.AllDirectories))
            Spoil(record, "truncated");
        for (int start = 0; start < 2; start++)
        {
            await _daemon.StartProcessAsync();
            await _daemon.ImportAsync(Cri.Busybox, _image);
            await Wait.UntilAsync("what is discarded to be removed", () => Task.FromResult(Directory.GetFileSystemEntries(Path.Combine(images, "trash")).Length == 0));
            Assert.Equal("mine\n", await _daemon.ExecTextAsync(_healthy, "cat", "/mine"));
            Assert.Equal("here\n", await _daemon.ExecTextAsync(_healthy, "sh", "-c", "ls /bin/busybox > /dev/null && echo here > /more && cat /more"));
            await _daemon.KillAsync();
        }

        await _daemon.StartProcessAsync();
        string another = await _daemon.StartNewAsync(_healthyPodId, _healthyPod, Cri.Container("another"));
        Assert.Equal("new\n", await _daemon.ExecTextAsync(another, "echo", "new"));
        foreach (string pod in (string[])[_podId, _healthyPodId])
            await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod });
        await Wait.UntilAsync("layers that nobody uses to go", () => Task.FromResult(Directory.GetDirectories(Path.Combine(images, "l")).Length == layers));
    }

    private async Task ThePodIsGoneAndItsNameFreeAsync()
    {
        await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.PodStatusAsync(_podId));
        string again = await _daemon.RunPodAsync(_pod);
        await _daemon.StartNewAsync(again, _pod, Cri.Container("main"));
    }

    private async Task TheContainerIsGoneAndItsNameFreeAsync()
    {
        Assert.Equal(PodSandboxState.SandboxReady, (await _daemon.PodStatusAsync(_podId)).State);
        string again = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("main"));
        Assert.Equal("again\n", await _daemon.ExecTextAsync(again, "echo", "again"));
        await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.StatusAsync(_container));
    }

    private async Task TheContainerRunsAndCanBeEndedAsync()
    {
        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(_container)).State);
        _daemon.ExpectError("can't be read");
        string why = await Cri.RefusedAsync(StatusCode.Internal, () => _daemon.ExecAsync(_container, "true"));
        Assert.Contains(_container, why, StringComparison.Ordinal);
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = _container, Timeout = 0 });
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = _container });
    }

    private async Task TheContainerHasEndedAsync()
    {
        ContainerStatus status = await _daemon.ExitAsync(_container);
        Assert.NotEqual(0, status.ExitCode);
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = _container });
    }

    private async Task ThePodRunsAndCanBeEndedAsync()
    {
        Assert.Equal("alive\n", await _daemon.ExecTextAsync(_container, "echo", "alive"));
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });
    }

    private static void Spoil(string file, string damage)
    {
        byte[] content = File.ReadAllBytes(file);
        File.WriteAllBytes(file, damage switch
        {
            "empty" => [],
            "truncated" => content[..(content.Length / 2)],
            "zeros" => new byte[content.Length],
            "garbage" => [0xFF, 0xFE, .. "<html>not a state file"u8],
            "null" => [.. "null"u8],
            _ => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(content)
                .Replace("\"version\":1", "\"version\":99", StringComparison.Ordinal)),
        });
    }
}
