using System.Formats.Tar;
using System.Text.Json.Nodes;
using CriRuntime.E2e.Harness;
using CriRuntime.Quickstart;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Checkpoints;

/// <summary>
/// Checkpoints as images, as Kubernetes' documentation makes them: <c>buildah from scratch</c>, <c>buildah add</c> of the archive, and CRI-O's annotation on the manifest; pushed to a
/// registry and pulled from there. Who may push one decides what runs in the container, so they are restored only where that is configured.
/// </summary>
public sealed class ImageTests : IAsyncLifetime
{
    private const int Port = 5127;
    private const string Annotation = "io.kubernetes.cri-o.annotations.checkpoint.name";
    private Registry _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await Registry.StartAsync(Port);

    public async ValueTask DisposeAsync() => await _registry.DisposeAsync();

    [Fact]
    public async Task A_container_goes_on_from_an_image_that_was_pulled()
    {
        await using Daemon daemon = await StartAsync("ckpt-image", d => FakeCriu.Make(d));
        ContainerConfig config = await PullAsync(daemon, "e2e/checkpoint", await SaveAsync(daemon));
        (PodSandboxConfig pod, string podId) = await CheckpointTests.PodAsync(daemon, NamespaceMode.Container, "other");
        string id = await daemon.StartNewAsync(podId, pod, config);
        ContainerStatus status = await daemon.StatusAsync(id);
        Assert.Equal(ContainerState.ContainerRunning, status.State);
        await Wait.UntilAsync("its output", async () => (await Cri.MessagesAsync(status.LogPath)).Contains("restored", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Join(daemon.Root, "checkpoints")));
    }

    [Fact(Explicit = true)]
    public async Task Criu_goes_on_from_an_image_where_the_container_stood()
    {
        await using Daemon daemon = await StartAsync("criu-image", _ => "");
        ContainerConfig config = await PullAsync(daemon, "e2e/criu", await SaveAsync(daemon));
        (PodSandboxConfig pod, string podId) = await CheckpointTests.PodAsync(daemon, NamespaceMode.Container, "other");
        string id = await daemon.StartNewAsync(podId, pod, config);
        Assert.Equal("", await daemon.ExecTextAsync(id, "cat", "/proof"));
    }

    [Fact]
    public async Task Without_the_permission_such_an_image_is_refused_in_words()
    {
        await using Daemon daemon = await StartAsync("ckpt-denied", d => FakeCriu.Make(d), restoreImages: false);
        ContainerConfig config = await PullAsync(daemon, "e2e/denied", await SaveAsync(daemon));
        Assert.Contains("checkpoints.restoreImages", await RefusalAsync(daemon, config, StatusCode.FailedPrecondition), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_images_are_refused_and_leave_nothing()
    {
        await using Daemon daemon = await StartAsync("ckpt-hostile", d => FakeCriu.Make(d));
        Dictionary<string, byte[]> sound = await SaveAsync(daemon);
        (string Name, Action<ImageBuilder> Extra, string Missing, string Words)[] attacks =
        [
            ("link", image => image.AddLink("evil", "/etc/passwd"), "", "neither a file nor a directory"),
            ("linked-images", image => image.AddLink("checkpoint", "/etc"), "checkpoint/", "neither a file nor a directory"),
            ("deep", image => image.AddFile("a/b/c", "x"), "", "lies in another one"),
            ("incomplete", _ => { }, "config.dump", "no config.dump"),
            ("no-images", _ => { }, "checkpoint/inventory.img", "no checkpoint of a container"),
            ("huge", image => image.AddFile("config.dump", new byte[17 << 20]), "config.dump", "more than"),
        ];
        foreach ((string name, Action<ImageBuilder> extra, string missing, string words) in attacks)
        {
            ContainerConfig config = await PullAsync(
                daemon, "e2e/" + name, sound.Where(file => missing.Length == 0 || !file.Key.StartsWith(missing, StringComparison.Ordinal)), extra);
            Assert.Contains(words, await RefusalAsync(daemon, config, StatusCode.InvalidArgument), StringComparison.Ordinal);
        }
    }

    /// <summary>It is then an ordinary image, of plain files, in which there is nothing to execute: criu never sees it.</summary>
    [Fact]
    public async Task An_image_that_is_not_annotated_is_no_checkpoint()
    {
        await using Daemon daemon = await StartAsync("ckpt-plain", d => FakeCriu.Make(d));
        ContainerConfig config = await PullAsync(daemon, "e2e/plain", await SaveAsync(daemon), annotation: Annotation + ".not");
        await RefusalAsync(daemon, config, StatusCode.InvalidArgument);
    }

    private static async Task<string> RefusalAsync(Daemon daemon, ContainerConfig config, StatusCode code)
    {
        string checkpoints = Path.Join(daemon.Root, "checkpoints");
        (PodSandboxConfig pod, string podId) = await CheckpointTests.PodAsync(daemon, NamespaceMode.Container, "refused-" + config.Image.UserSpecifiedImage.Split('/')[^1].Split(':')[0]);
        string message = await Cri.RefusedAsync(code, () => daemon.CreateAsync(podId, pod, config));
        Assert.Empty((await daemon.Runtime.ListContainersAsync(new() { Filter = new() { PodSandboxId = podId } })).Containers);
        Assert.Empty(Directory.GetFileSystemEntries(checkpoints));
        return message;
    }

    private async Task<Daemon> StartAsync(string name, Func<string, string> criu, bool restoreImages = true)
    {
        Daemon daemon = await Daemon.StartAsync(name, d => File.WriteAllText(d.ConfigFile, $$"""
            {
                "registries": { "*": { "mirrors": ["http://{{_registry.Host}}"], "mirrorsOnly": true } },
                "checkpoints": { "criu": "{{criu(d.Base)}}", "restoreImages": {{(restoreImages ? "true" : "false")}} }
            }
            """));
        await daemon.ImportAsync("docker.io/library/busybox:e2e", TestImages.Busybox());
        return daemon;
    }

    /// <returns>The files of a container's checkpoint, by their paths.</returns>
    private static async Task<Dictionary<string, byte[]>> SaveAsync(Daemon daemon)
    {
        (_, _, string id) = await CheckpointTests.RunAsync(daemon, "touch /proof; exec sleep 1000");
        await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });
        Dictionary<string, byte[]> files = [];
        using FileStream file = File.OpenRead(archive);
        using TarReader tar = new(file);
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            if (entry.EntryType is not TarEntryType.RegularFile)
                continue;
            using MemoryStream content = new();
            if (entry.DataStream is { } data)
                await data.CopyToAsync(content);
            files[entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name] = content.ToArray();
        }

        return files;
    }

    /// <returns>A container that is to be restored from the image.</returns>
    private async Task<ContainerConfig> PullAsync(
        Daemon daemon, string repository, IEnumerable<KeyValuePair<string, byte[]>> files, Action<ImageBuilder>? extra = null, string annotation = Annotation)
    {
        using ImageBuilder builder = new();
        foreach ((string name, byte[] content) in files)
            builder.AddFile(name, content);
        extra?.Invoke(builder);
        OciImage image = builder.Build([]);
        JsonObject manifest = JsonNode.Parse(image.Manifest)!.AsObject();
        manifest["annotations"] = new JsonObject { [annotation] = "saved" };
        await _registry.PushAsync(repository, "1", image with { Manifest = OciImage.Json(manifest) });
        string reference = (await daemon.Images.PullImageAsync(new PullImageRequest { Image = new ImageSpec { Image = $"docker.io/{repository}:1" } })).ImageRef;
        ContainerConfig config = Cri.Container("from-image");
        config.Image.Image = reference;
        config.Image.UserSpecifiedImage = $"docker.io/{repository}:1";
        config.Linux.SecurityContext.NamespaceOptions = CheckpointTests.OwnPids();
        return config;
    }
}
