using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class CreateContainerTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_container_is_created_in_its_pods_cgroup_with_its_image()
    {
        string pod = await _daemon.RunAsync();
        string id = await CreateAsync(pod);
        Container container = _daemon.State.Containers.Get(id);
        Assert.Equal(ContainerPhase.Created, container.Phase);
        Assert.Equal($"/criruntime/{pod}/{id}", container.CgroupPath);
        Assert.Equal(("sha256:aa", "busybox@sha256:bb"), (container.ImageId, container.ImageRef));
        Assert.Equal([(container.CgroupPath, container.Pid)], _daemon.Cgroups.Adopted);
        Assert.Equal(["sh"], _daemon.Planner.Specs.Single().Process!.Args);
        Assert.Contains(id, _daemon.Images.Snapshots);
    }

    [Fact]
    public async Task A_missing_image_or_pod_is_not_found()
    {
        string pod = await _daemon.RunAsync();
        CriException image = await Assert.ThrowsAsync<CriException>(() => CreateAsync(pod, Daemon.ContainerConfig() with { Image = "none" }));
        Assert.Equal(CriErrorKind.NotFound, image.Kind);
        Assert.Contains("pull", image.Message, StringComparison.Ordinal);
        Assert.Equal(CriErrorKind.NotFound, (await Assert.ThrowsAsync<CriException>(() => CreateAsync("beef"))).Kind);
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("user")]
    [InlineData("monitor")]
    [InlineData("driver")]
    public async Task A_failure_at_any_step_leaves_nothing_behind(string step)
    {
        string pod = await _daemon.RunAsync();
        ContainerConfig config = Daemon.ContainerConfig();
        if (step == "snapshot")
            _daemon.Images.BeforeSnapshot = () => throw new IOException("broken");
        else if (step == "user")
            config = config with { Security = new ContainerSecurity { RunAsUsername = "nobody-knows" } };
        else if (step == "driver")
            _daemon.Cgroups.AdoptionFails = new IOException("broken");
        else
            _daemon.Launcher.Launched.Single().Before["create"] = () => throw new IOException("broken");
        await Assert.ThrowsAnyAsync<Exception>(() => CreateAsync(pod, config));
        Assert.Empty(_daemon.State.Containers.Current);
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.Empty(Directory.GetFiles(_daemon.State.Directories.Containers(pod)));
        Assert.Empty(Directory.GetFiles(_daemon.State.Directories.Specs(pod)));
    }

    [Fact]
    public async Task A_retry_after_the_clients_deadline_gets_the_container_of_the_first_request()
    {
        string pod = await _daemon.RunAsync();
        TaskCompletionSource slow = new();
        _daemon.Images.BeforeSnapshot = () => slow.Task;
        using CancellationTokenSource deadline = new(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), deadline.Token));
        Task<string> retry = CreateAsync(pod);
        slow.SetResult();
        Assert.Equal(await retry, Assert.Single(_daemon.State.Containers.Current).Key);
    }

    [Fact]
    public async Task A_second_container_of_the_same_name_is_refused_naming_the_first()
    {
        string pod = await _daemon.RunAsync();
        string first = await CreateAsync(pod);
        CriException refused = await Assert.ThrowsAsync<CriException>(() => CreateAsync(pod));
        Assert.Equal(CriErrorKind.AlreadyExists, refused.Kind);
        Assert.Contains(first, refused.Message, StringComparison.Ordinal);
        await CreateAsync(pod, Daemon.ContainerConfig(attempt: 1));
    }

    [Fact]
    public async Task Exactly_one_container_comes_of_many_equal_requests()
    {
        string pod = await _daemon.RunAsync();
        TaskCompletionSource slow = new();
        _daemon.Images.BeforeSnapshot = () => slow.Task;
        Task<string>[] requests = [.. Enumerable.Range(0, 50).Select(_ => CreateAsync(pod))];
        slow.SetResult();
        Assert.Single((await Task.WhenAll(requests)).Distinct());
        Assert.Single(_daemon.State.Containers.Current);
    }

    [Theory]
    [InlineData("../../etc/cron.d/evil")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a\nb")]
    public async Task A_log_path_that_leaves_the_pods_directory_is_refused(string path)
    {
        string pod = await _daemon.RunAsync(Daemon.PodConfig() with { LogDirectory = Path.Join(_daemon.Base, "logs") });
        CriException refused = await Assert.ThrowsAsync<CriException>(() => CreateAsync(pod, Daemon.ContainerConfig() with { LogPath = path }));
        Assert.Equal(CriErrorKind.InvalidArgument, refused.Kind);
        Assert.Empty(_daemon.State.Containers.Current);
    }

    [Fact]
    public async Task A_link_planted_in_the_log_directory_is_not_followed()
    {
        string logs = Directory.CreateDirectory(Path.Join(_daemon.Base, "logs")).FullName;
        string elsewhere = Directory.CreateDirectory(Path.Join(_daemon.Base, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Path.Join(logs, "app"), elsewhere);
        string pod = await _daemon.RunAsync(Daemon.PodConfig() with { LogDirectory = logs });
        await Assert.ThrowsAsync<CriException>(() => CreateAsync(pod, Daemon.ContainerConfig() with { LogPath = "app/deep/0.log" }));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public async Task The_log_files_directories_are_made()
    {
        string logs = Path.Join(_daemon.Base, "logs");
        string pod = await _daemon.RunAsync(Daemon.PodConfig() with { LogDirectory = logs });
        string id = await CreateAsync(pod, Daemon.ContainerConfig() with { LogPath = "app/0.log" });
        Assert.True(Directory.Exists(Path.Join(logs, "app")));
        Assert.Equal(Path.Join(logs, "app/0.log"), _daemon.State.Containers.Get(id).LogPath);
    }

    [Fact]
    public async Task A_missing_mount_source_is_made_and_a_relative_one_refused()
    {
        string pod = await _daemon.RunAsync();
        string source = Path.Join(_daemon.Base, "volumes", "data");
        await CreateAsync(pod, Daemon.ContainerConfig() with { Mounts = [new ContainerMount { ContainerPath = "/data", HostPath = source }] });
        Assert.True(Directory.Exists(source));
        foreach (string bad in (string[])["", "relative", "/a/../../etc"])
        {
            ContainerConfig config = Daemon.ContainerConfig("b") with { Mounts = [new ContainerMount { ContainerPath = "/x", HostPath = bad }] };
            Assert.Equal(CriErrorKind.InvalidArgument, (await Assert.ThrowsAsync<CriException>(() => CreateAsync(pod, config))).Kind);
        }
    }

    private Task<string> CreateAsync(string pod, ContainerConfig? config = null) =>
        _daemon.Create.ExecuteAsync(pod, config ?? Daemon.ContainerConfig(), CancellationToken.None);
}
