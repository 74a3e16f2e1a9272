namespace CriRuntime.Conmon.Tests.Published;

/// <summary>A root file system of one static binary.</summary>
internal static class Busybox
{
    private static readonly string[] Candidates = ["/bin/busybox", "/usr/bin/busybox"];

    internal static void MakeRootfs(string path)
    {
        string busybox = Candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("no busybox: these tests need the package busybox-static");
        foreach (string directory in new[] { "bin", "proc", "dev", "tmp", "sys" })
            Directory.CreateDirectory(Path.Combine(path, directory));
        File.Copy(busybox, Path.Combine(path, "bin/busybox"));
        foreach (string applet in new[] { "sh", "true", "false", "sleep", "cat", "echo", "yes", "head", "seq", "tty", "dd", "stty", "mkdir" })
            File.CreateSymbolicLink(Path.Combine(path, "bin", applet), "busybox");
    }
}
