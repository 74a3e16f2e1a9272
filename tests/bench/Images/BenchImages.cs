using System.Text.Json.Nodes;
using CriRuntime.Quickstart;

namespace CriRuntime.Bench.Images;

/// <summary>The images of the benchmark, built on the spot and pushed to a registry on loopback.</summary>
internal sealed class BenchImages(string registry) : IDisposable
{
    internal const string Small = "bench/busybox";
    internal const string Big = "bench/big";
    internal const int BigLayers = 6;
    internal const int BigLayerMegabytes = 45;

    private static readonly string[] s_applets = ["sh", "sleep", "true", "cat", "yes", "head"];
    private readonly RegistryPush _push = new(registry);

    internal async Task PushAsync(string busybox)
    {
        await PushImageAsync(Small, new JsonObject { ["Env"] = new JsonArray("PATH=/bin"), ["Cmd"] = new JsonArray("sleep", "1000000") }, [SmallLayer(busybox)]);
        await PushImageAsync(Big, [], [.. Enumerable.Range(0, BigLayers).Select(BigLayer)]);
    }

    public void Dispose() => _push.Dispose();

    private static OciImage SmallLayer(string busybox)
    {
        using ImageBuilder image = new();
        image.AddDirectory("bin");
        image.AddProgram("bin/busybox", File.ReadAllBytes(busybox));
        foreach (string applet in s_applets)
            image.AddLink("bin/" + applet, "busybox");
        image.AddFile("lines", "");
        return image.Build([]);
    }

    /// <summary>Files of many sizes, as packages have them; the content compresses about 4:1, as programs and texts do.</summary>
    private static OciImage BigLayer(int number)
    {
        Random random = new(number);
        using ImageBuilder image = new();
        long left = BigLayerMegabytes * 1_000_000L;
        for (int file = 0; left > 0; file++)
        {
            if (file % 50 == 0)
                image.AddDirectory($"data/{number}/{file / 50}");
            int size = (int)Math.Min(left, random.Next(10) == 0 ? random.Next(100_000, 2_000_000) : random.Next(200, 40_000));
            image.AddFile($"data/{number}/{file / 50}/{file}", Content(random, size));
            left -= size;
        }

        return image.Build([]);
    }

    private static byte[] Content(Random random, int size)
    {
        byte[] words = new byte[4096];
        random.NextBytes(words);
        byte[] content = new byte[size];
        for (int at = 0; at < size;)
        {
            int length = Math.Min(random.Next(4, 24), size - at);
            words.AsSpan(random.Next(words.Length - 24), length).CopyTo(content.AsSpan(at));
            at += length;
        }

        return content;
    }

    private async Task PushImageAsync(string repository, JsonObject config, OciImage[] layers)
    {
        JsonArray diffs = [];
        JsonArray descriptors = [];
        foreach (OciImage layer in layers)
        {
            JsonNode diff = JsonNode.Parse(layer.Config)!["rootfs"]!["diff_ids"]![0]!;
            diffs.Add(diff.DeepClone());
            descriptors.Add(OciImage.Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer.Layer));
            await _push.BlobAsync(repository, layer.Layer);
        }

        JsonObject document = JsonNode.Parse(layers[0].Config)!.AsObject();
        document["config"] = config;
        document["rootfs"]!["diff_ids"] = diffs;
        byte[] imageConfig = OciImage.Json(document);
        await _push.BlobAsync(repository, imageConfig);
        byte[] manifest = OciImage.Json(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciImage.ManifestType,
            ["config"] = OciImage.Descriptor("application/vnd.oci.image.config.v1+json", imageConfig),
            ["layers"] = descriptors,
        });
        await _push.ManifestAsync(repository, "latest", OciImage.ManifestType, manifest);
    }
}
