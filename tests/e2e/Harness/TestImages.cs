using System.Text.Json.Nodes;
using CriRuntime.Quickstart;

namespace CriRuntime.E2e.Harness;

/// <summary>Images made on the spot from the host's static busybox.</summary>
internal static class TestImages
{
    private static readonly string[] s_applets =
    [
        "sh", "true", "false", "cat", "ls", "ps", "id", "hostname", "sleep", "echo", "ip", "wget", "httpd", "env", "pwd", "touch", "mkdir",
        "stat", "mount", "umount", "grep", "head", "seq", "yes", "dd", "kill", "df", "nc", "test", "printf", "wc", "rm", "ln", "readlink", "chmod", "stty",
    ];

    /// <summary>busybox with a few applets; runs <c>sleep</c> by default.</summary>
    internal static OciImage Busybox(JsonObject? config = null, Action<ImageBuilder>? extra = null)
    {
        using ImageBuilder image = new();
        foreach (string directory in new[] { "bin", "etc", "tmp", "root", "home" })
            image.AddDirectory(directory);
        image.AddProgram("bin/busybox", File.ReadAllBytes("/bin/busybox"));
        foreach (string applet in s_applets)
            image.AddLink("bin/" + applet, "busybox");
        image.AddFile("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home:/bin/sh\n");
        image.AddFile("etc/group", "root:x:0:\nweb:x:1001:\nextra:x:2000:web\n");
        extra?.Invoke(image);
        return image.Build(config ?? new JsonObject
        {
            ["Env"] = new JsonArray("PATH=/bin", "FROM_IMAGE=yes"),
            ["Cmd"] = new JsonArray("sleep", "100000"),
        });
    }

    internal static Task PushAsync(this Registry registry, string repository, string tag, OciImage image) => registry.Push.ImageAsync(repository, tag, image);

    /// <summary>Imports <paramref name="image"/> into the daemon's store under <paramref name="name"/>.</summary>
    internal static async Task ImportAsync(this Daemon daemon, string name, OciImage image)
    {
        string file = Path.Combine(daemon.Base, Guid.NewGuid().ToString("n") + ".tar");
        image.WriteArchive(file, name);
        await daemon.Admin.ImportImagesAsync(new CriRuntime.Admin.V1.ImportImagesRequest { Path = file });
        File.Delete(file);
    }
}
