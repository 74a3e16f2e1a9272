using System.Text.Json.Nodes;
using CriRuntime.E2e.Harness;
using CriRuntime.Quickstart;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Images;

/// <summary>Pulls from a real registry on loopback, and imports.</summary>
public sealed class ImageTests : IAsyncLifetime
{
    private const int Port = 5123;
    private Registry _registry = null!;
    private Daemon _daemon = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await Registry.StartAsync(Port);
        _daemon = await Daemon.StartAsync("images", daemon => File.WriteAllText(
            daemon.ConfigFile,
            $$"""{ "registries": { "*": { "mirrors": ["http://{{_registry.Host}}"], "mirrorsOnly": true } } }"""));
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task An_image_is_pulled_listed_run_and_removed()
    {
        OciImage image = TestImages.Busybox();
        await _registry.PushAsync("library/busybox", "1", image);
        string reference = await PullAsync("busybox:1");
        Assert.NotEqual("", reference);

        Image listed = (await _daemon.Images.ListImagesAsync(new ListImagesRequest())).Images.Single();
        Assert.Equal(image.Id, listed.Id);
        Assert.Equal(["docker.io/library/busybox:1"], listed.RepoTags);
        Assert.Equal(["docker.io/library/busybox@" + OciImage.Digest(image.Manifest)], listed.RepoDigests);
        Assert.True(listed.Size > 0);
        foreach (string name in new[] { "busybox:1", "docker.io/library/busybox:1", image.Id, listed.RepoDigests[0], reference })
            Assert.Equal(image.Id, (await StatusAsync(name))?.Id);

        PodSandboxConfig pod = _daemon.Pod("pulled");
        string podId = await _daemon.RunPodAsync(pod);
        ContainerConfig config = Cri.Container("main", "echo", "ran");
        config.Image.Image = reference;
        Assert.Equal("ran\n", (await _daemon.RunToEndAsync(podId, pod, config)).Output);

        await _daemon.Images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = "busybox:1" } });
        Assert.Null(await StatusAsync("busybox:1"));
        await _daemon.Images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = "busybox:1" } });
    }

    [Fact]
    public async Task The_images_user_is_reported_as_number_or_name()
    {
        await _registry.PushAsync("e2e/uid", "1", TestImages.Busybox(new JsonObject { ["User"] = "1002:1003" }));
        await _registry.PushAsync("e2e/name", "1", TestImages.Busybox(new JsonObject { ["User"] = "web" }));
        await PullAsync("gcr.io/e2e/uid:1");
        await PullAsync("gcr.io/e2e/name:1");
        Assert.Equal(1002, (await StatusAsync("gcr.io/e2e/uid:1"))!.Uid.Value);
        Assert.Equal("web", (await StatusAsync("gcr.io/e2e/name:1"))!.Username);
    }

    [Fact]
    public async Task An_absent_image_is_not_found_and_a_bad_name_is_invalid()
    {
        string message = await Cri.RefusedAsync(StatusCode.NotFound, () => PullAsync("e2e/absent:1"));
        Assert.Contains("e2e/absent:1", message, StringComparison.Ordinal);
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => PullAsync("UPPER CASE"));
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => PullAsync(""));
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => PullAsync(new string('a', 1 << 20)));
    }

    [Fact]
    public async Task A_layer_that_is_not_what_its_manifest_says_is_refused_and_nothing_is_kept()
    {
        OciImage good = TestImages.Busybox(new JsonObject { ["Cmd"] = new JsonArray("liar") });
        OciImage other = TestImages.Busybox(extra: image => image.AddFile("etc/other", "other"));
        // The configuration's diff id is of one layer, the manifest names another.
        byte[] manifest = OciImage.Json(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciImage.ManifestType,
            ["config"] = OciImage.Descriptor("application/vnd.oci.image.config.v1+json", good.Config),
            ["layers"] = new JsonArray(OciImage.Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", other.Layer)),
        });
        await _registry.PushAsync("e2e/liar", "1", good with { Layer = other.Layer, Manifest = manifest });
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => PullAsync("e2e/liar:1"));
        Assert.Contains("sha256:", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Null(await StatusAsync("e2e/liar:1"));
    }

    [Fact]
    public async Task A_layer_that_climbs_out_of_its_root_writes_nothing_outside()
    {
        string outside = Path.Combine(_daemon.Root, "escaped");
        OciImage image = TestImages.Busybox(extra: builder =>
        {
            builder.AddLink("evil", "/");
            builder.AddFile("evil" + outside, "through a link");
            builder.AddFile("../../../../../../../.." + outside, "by dots");
        });
        await _registry.PushAsync("e2e/traversal", "1", image);
        try
        {
            await PullAsync("e2e/traversal:1");
        }
        catch (RpcException e)
        {
            Assert.NotEqual(StatusCode.Internal, e.StatusCode);
        }

        Assert.False(File.Exists(outside));
    }

    [Fact]
    public async Task File_system_use_is_reported()
    {
        await _daemon.ImportAsync("localhost/used:1", TestImages.Busybox());
        ImageFsInfoResponse info = await _daemon.Images.ImageFsInfoAsync(new ImageFsInfoRequest());
        Assert.True(info.ImageFilesystems.Single().UsedBytes.Value > 100_000);
        Assert.StartsWith(_daemon.Root, info.ImageFilesystems.Single().FsId.Mountpoint, StringComparison.Ordinal);
    }

    private async Task<string> PullAsync(string image) =>
        (await _daemon.Images.PullImageAsync(new PullImageRequest { Image = new ImageSpec { Image = image } })).ImageRef;

    private async Task<Image?> StatusAsync(string image) =>
        (await _daemon.Images.ImageStatusAsync(new ImageStatusRequest { Image = new ImageSpec { Image = image } })).Image;
}
