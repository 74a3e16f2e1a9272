using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>Images as volumes (KEP-4639): what is seen in them, that nothing can be changed, and that nothing of the host is reached through them.</summary>
public sealed class ImageVolumeTests : IAsyncLifetime
{
    private const string Model = "localhost/model:1";
    private const string Target = "/mnt/volume";

    private Daemon _daemon = null!;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";
    private string _modelId = "";

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("image-volumes");
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        await _daemon.ImportAsync(Model, TestImages.Busybox(extra: image =>
        {
            image.AddDirectory("models");
            image.AddDirectory("models/v1");
            image.AddFile("models/v1/weights", "0.5\n");
            image.AddFile("etc/marker", "of the image\n");
            image.AddLink("current", "models/v1");
            image.AddLink("absolute", "/etc");
            image.AddLink("climbing", "../../../../../../etc");
            image.AddLink("magic", "/proc/self/root");
        }));
        _modelId = (await _daemon.Images.ImageStatusAsync(new ImageStatusRequest { Image = new ImageSpec { Image = Model } })).Image.Id;
        _pod = _daemon.Pod("volumes");
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task An_image_is_seen_with_its_programs_and_cannot_be_written()
    {
        string id = await StartAsync("whole", "");
        Assert.Equal("0.5\n", await _daemon.ExecTextAsync(id, "cat", Target + "/models/v1/weights"));
        Assert.Equal("ran\n", await _daemon.ExecTextAsync(id, Target + "/bin/busybox", "echo", "ran"));
        ExecSyncResponse write = await _daemon.ExecAsync(id, "touch", Target + "/models/new");
        Assert.Equal(1, write.ExitCode);
        Assert.Contains("Read-only file system", write.Stderr.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_even_a_privileged_container_can_make_it_writable()
    {
        PodSandboxConfig pod = _daemon.Pod("privileged");
        pod.Linux.SecurityContext.Privileged = true;
        string podId = await _daemon.RunPodAsync(pod);
        ContainerConfig config = WithVolume(
            Cri.Container("all", "sh", "-c", $"mount -o remount,rw {Target}; mount -o remount,bind,rw {Target}; echo x > {Target}/models/v1/weights || echo refused"), "");
        config.Linux.SecurityContext.Privileged = true;
        Assert.EndsWith("refused\n", (await _daemon.RunToEndAsync(podId, pod, config)).Output, StringComparison.Ordinal);
        string again = await StartAsync("after", "");
        Assert.Equal("0.5\n", await _daemon.ExecTextAsync(again, "cat", Target + "/models/v1/weights"));
    }

    [Theory]
    [InlineData("models", "v1\n")]
    [InlineData("models/v1", "weights\n")]
    [InlineData("models/v1/weights", "/mnt/volume\n")]
    [InlineData("current", "weights\n")]
    public async Task A_sub_path_shows_only_what_it_leads_to(string path, string listed)
    {
        string id = await StartAsync("sub", path);
        Assert.Equal(listed, await _daemon.ExecTextAsync(id, "ls", Target));
        Assert.Equal(1, (await _daemon.ExecAsync(id, "sh", "-c", $"echo x >> {Target}/weights || echo x >> {Target}")).ExitCode);
    }

    [Theory]
    [InlineData("absolute")]
    [InlineData("climbing")]
    public async Task A_link_out_of_the_image_ends_at_the_images_own_root(string path)
    {
        string id = await StartAsync("escape", path);
        Assert.Equal("of the image\n", await _daemon.ExecTextAsync(id, "cat", Target + "/marker"));
        Assert.Equal(1, (await _daemon.ExecAsync(id, "ls", Target + "/shadow")).ExitCode);
    }

    [Theory]
    [InlineData("missing", StatusCode.NotFound)]
    [InlineData("models/v1/weights/deeper", StatusCode.NotFound)]
    [InlineData("magic", StatusCode.NotFound)]
    [InlineData("/etc", StatusCode.InvalidArgument)]
    [InlineData("..", StatusCode.InvalidArgument)]
    [InlineData("models/../../../etc", StatusCode.InvalidArgument)]
    public async Task A_sub_path_that_is_missing_absolute_or_climbs_is_refused_by_name(string path, StatusCode expected)
    {
        string message = await Cri.RefusedAsync(expected, () => _daemon.CreateAsync(_podId, _pod, WithVolume(Cri.Container("refused"), path)));
        Assert.Contains(Target, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Empty((await _daemon.Runtime.ListContainersAsync(new ListContainersRequest())).Containers);
    }

    [Fact]
    public async Task An_image_that_was_not_pulled_is_refused_by_name()
    {
        ContainerConfig config = WithVolume(Cri.Container("absent"), "");
        config.Mounts[0].Image.Image = "localhost/absent:1";
        string message = await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.CreateAsync(_podId, _pod, config));
        Assert.Contains("localhost/absent:1", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_mounts_lie_in_and_around_a_volume_and_two_volumes_share_an_image()
    {
        string host = Path.Combine(_daemon.Base, "host");
        Directory.CreateDirectory(host);
        await File.WriteAllTextAsync(Path.Combine(host, "file"), "of the host\n");
        ContainerConfig config = WithVolume(Cri.Container("nested", "sleep", "1000"), "");
        config.Mounts.Add(new Mount { ContainerPath = Target + "/tmp", HostPath = host });
        config.Mounts.Add(WithVolume(Cri.Container("other"), "models/v1").Mounts[0]);
        config.Mounts[^1].ContainerPath = Target + "/home";
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        Assert.Equal("of the host\n0.5\n", await _daemon.ExecTextAsync(id, "cat", Target + "/tmp/file", Target + "/home/weights"));
    }

    [Fact]
    public async Task The_status_says_which_image_is_mounted()
    {
        string id = await StartAsync("status", "models");
        Mount mount = Assert.Single((await _daemon.StatusAsync(id)).Mounts);
        Assert.Equal((Model, _modelId, "models", true), (mount.Image.Image, mount.Image.ImageRef, mount.ImageSubPath, mount.Readonly));
    }

    [Fact]
    public async Task A_volume_stays_whole_while_its_image_is_removed_and_the_daemon_is_killed()
    {
        string id = await StartAsync("held", "models");
        await _daemon.Images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = Model } });
        await _daemon.KillAsync();
        await _daemon.StartProcessAsync();
        Assert.Equal("0.5\n", await _daemon.ExecTextAsync(id, "cat", Target + "/v1/weights"));
        Assert.Equal(_modelId, Assert.Single((await _daemon.StatusAsync(id)).Mounts).Image.ImageRef);
        string layers = Path.Combine(_daemon.Root, "images", "l");
        Assert.Equal(2, Directory.GetDirectories(layers).Length);

        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        await Wait.UntilAsync("the removed image's layer to go", () => Task.FromResult(Directory.GetDirectories(layers).Length == 1));
    }

    private static ContainerConfig WithVolume(ContainerConfig config, string subPath)
    {
        config.Mounts.Add(new Mount { ContainerPath = Target, Readonly = true, Image = new ImageSpec { Image = Model }, ImageSubPath = subPath });
        return config;
    }

    private Task<string> StartAsync(string name, string subPath) =>
        _daemon.StartNewAsync(_podId, _pod, WithVolume(Cri.Container(name, "sleep", "1000"), subPath));
}
