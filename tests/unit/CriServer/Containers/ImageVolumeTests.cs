using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;
using Mount = CriRuntime.Oci.Specs.Mount;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class ImageVolumeTests : IDisposable
{
    private readonly Daemon _daemon = new();
    private string? _pod;

    public ImageVolumeTests()
    {
        _daemon.Images.VolumeLayer = Path.Join(_daemon.Base, "volume-layer");
        Directory.CreateDirectory(Path.Join(_daemon.Images.VolumeLayer, "models/v1"));
        File.WriteAllText(Path.Join(_daemon.Images.VolumeLayer, "models/v1/weights"), "w");
        File.CreateSymbolicLink(Path.Join(_daemon.Images.VolumeLayer, "up"), "../../..");
        File.CreateSymbolicLink(Path.Join(_daemon.Images.VolumeLayer, "host"), "/root");
        _daemon.Images.Images["model:1"] = new ContainerImage { Id = "sha256:cc", Ref = "model@sha256:dd" };
    }

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task An_image_is_mounted_as_an_overlay_that_nobody_can_write_to()
    {
        Mount mount = await MountAsync(Volume("model:1", "models/v1") with { Options = ["noexec"] });
        Assert.Equal("overlay", mount.Type);
        Assert.Equal(["noexec", "ro", "nodev", $"lowerdir={_daemon.Images.VolumeLayer}", "X-mount.subdir=models/v1"], mount.Options);
        Assert.Equal(["sha256:cc"], _daemon.Images.Held);
    }

    [Fact]
    public async Task The_status_names_the_image_by_request_and_by_what_a_pull_returned()
    {
        string id = await CreateAsync(Volume("model:1", "models") with { ImageVolume = new ImageVolume("model:1", "models", "docker.io/model", new() { ["k"] = "v" }) });
        Runtime.V1.Mount mount = Assert.Single(_daemon.State.Containers.Get(id).ToStatus().Mounts);
        Assert.Equal(("model:1", "sha256:cc", "docker.io/model", "v"), (mount.Image.Image, mount.Image.ImageRef, mount.Image.UserSpecifiedImage, mount.Image.Annotations["k"]));
        Assert.Equal(("models", true, ""), (mount.ImageSubPath, mount.Readonly, mount.HostPath));
    }

    [Fact]
    public async Task A_container_with_volumes_is_read_again_and_one_of_an_earlier_program_has_none()
    {
        Container container = _daemon.State.Containers.Get(await CreateAsync(Volume("model:1", "models")));
        byte[] written = StateJson.Write(container);
        Container read = StateJson.ReadContainer(written);
        Assert.Equal("sha256:cc", read.ImageVolumes!["model:1"]);
        Assert.Equal(("model:1", "models"), (read.Config.Mounts[0].ImageVolume!.Image, read.Config.Mounts[0].ImageVolume!.SubPath));

        Container plain = container with { ImageVolumes = null, Config = container.Config with { Mounts = [new ContainerMount { ContainerPath = "/a", HostPath = "/b" }] } };
        string earlier = System.Text.Encoding.UTF8.GetString(StateJson.Write(plain))
            .Replace("\"imageVolume\":null", "\"image\":\"\"", StringComparison.Ordinal).Replace("\"imageVolumes\":null,", "", StringComparison.Ordinal);
        Assert.DoesNotContain("imageVolume", earlier, StringComparison.Ordinal);
        read = StateJson.ReadContainer(System.Text.Encoding.UTF8.GetBytes(earlier));
        Assert.Null(read.ImageVolumes);
        Assert.Null(read.Config.Mounts[0].ImageVolume);
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_not_found_and_named_with_its_mount()
    {
        CriException refused = await RefusedAsync(Volume("other:2", ""), CriErrorKind.NotFound);
        Assert.Contains("ImageVolumeMountFailed", refused.Message, StringComparison.Ordinal);
        Assert.Contains("other:2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("/mnt/volume", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/v2")]
    [InlineData("host")]
    [InlineData("host/.ssh")]
    [InlineData("up/etc/passwd")]
    public async Task A_sub_path_that_the_image_has_not_is_not_found_wherever_its_links_lead_on_the_host(string path)
    {
        CriException refused = await RefusedAsync(Volume("model:1", path), CriErrorKind.NotFound);
        Assert.Contains($"\"{path}\" does not exist in image model:1", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.Empty(_daemon.State.Containers.Current);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("models/v1/weights")]
    [InlineData("up")]
    [InlineData("up/models")]
    [InlineData(".")]
    public async Task Directories_files_and_links_within_the_image_are_sub_paths(string path) =>
        Assert.Equal($"X-mount.subdir={path}", (await MountAsync(Volume("model:1", path))).Options[^1]);

    [Theory]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a\0b")]
    public Task A_sub_path_that_climbs_or_is_absolute_is_refused(string path) => RefusedAsync(Volume("model:1", path), CriErrorKind.InvalidArgument);

    [Theory]
    [InlineData("rw")]
    [InlineData("rrw")]
    [InlineData("upperdir=/tmp")]
    [InlineData("lowerdir+=/etc")]
    [InlineData("X-mount.subdir=x")]
    [InlineData("bind")]
    public Task An_option_that_could_change_what_is_mounted_is_refused(string option) =>
        RefusedAsync(Volume("model:1", "") with { Options = [option] }, CriErrorKind.InvalidArgument);

    [Fact]
    public async Task A_writable_volume_and_a_host_path_beside_an_image_are_refused()
    {
        await RefusedAsync(Volume("model:1", "") with { ReadOnly = false }, CriErrorKind.InvalidArgument);
        await RefusedAsync(Volume("model:1", "") with { HostPath = "/etc" }, CriErrorKind.InvalidArgument);
    }

    private static ContainerMount Volume(string image, string subPath) =>
        new() { ContainerPath = "/mnt/volume", ReadOnly = true, ImageVolume = new ImageVolume(image, subPath, "", new(StringComparer.Ordinal)) };

    private async Task<Mount> MountAsync(ContainerMount mount)
    {
        await CreateAsync(mount);
        return _daemon.Planner.Specs.Single().Mounts.Single(m => m.Destination == "/mnt/volume");
    }

    private async Task<CriException> RefusedAsync(ContainerMount mount, CriErrorKind kind)
    {
        CriException refused = await Assert.ThrowsAsync<CriException>(() => CreateAsync(mount));
        Assert.Equal(kind, refused.Kind);
        return refused;
    }

    private async Task<string> CreateAsync(ContainerMount mount) => await _daemon.Create.ExecuteAsync(
        _pod ??= await _daemon.RunAsync(), Daemon.ContainerConfig() with { Mounts = [mount] }, TestContext.Current.CancellationToken);
}
