using System.Text.Json.Nodes;

namespace CriRuntime.Quickstart;

/// <summary>A web server of one static program, built on the spot: busybox, a page, and a start script.</summary>
internal static class DemoImage
{
    internal const string Name = "localhost/criruntime-quickstart:latest";
    internal const int Port = 8080;
    internal const string Page = "Hello from a pod that criruntime runs.\n";

    private static readonly string[] s_applets = ["sh", "httpd", "true", "cat", "ls", "ps", "id", "hostname", "sleep", "echo", "ip", "wget"];

    /// <param name="busybox">A statically linked busybox on this host.</param>
    /// <returns>The archive's size in bytes.</returns>
    internal static long Write(string file, string busybox)
    {
        using ImageBuilder image = new();
        foreach (string directory in new[] { "bin", "etc", "tmp", "www" })
            image.AddDirectory(directory);
        image.AddProgram("bin/busybox", File.ReadAllBytes(busybox));
        foreach (string applet in s_applets)
            image.AddLink("bin/" + applet, "busybox");
        image.AddFile("etc/passwd", "root:x:0:0:root:/:/bin/sh\nweb:x:1000:1000:web:/www:/bin/sh\n");
        image.AddFile("etc/group", "root:x:0:\nweb:x:1000:\n");
        image.AddFile("www/index.html", Page);
        OciImage built = image.Build(new JsonObject
        {
            ["User"] = "web",
            ["Env"] = new JsonArray("PATH=/bin"),
            ["WorkingDir"] = "/www",
            ["Cmd"] = new JsonArray("sh", "-c", $"echo serving /www on port {Port} of $(hostname); exec httpd -f -v -p {Port} -h /www"),
        });
        built.WriteArchive(file, Name);
        return new FileInfo(file).Length;
    }
}
