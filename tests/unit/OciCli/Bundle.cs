using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

/// <summary>A bundle of busybox in a directory of its own, and the containers made from it; all gone when disposed.</summary>
internal sealed class Bundle : IDisposable
{
    private static readonly string[] AllCapabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"];
    private readonly List<string> ids = [];

    internal Bundle()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("cri-oci-test-").FullName;
        Rootfs = Path.Combine(Directory, "rootfs");
        foreach (string name in new[] { "bin", "etc", "proc", "sys", "dev", "tmp", "data" })
            System.IO.Directory.CreateDirectory(Path.Combine(Rootfs, name));
        // Not by this process: a test beside this one, spawning at that moment, would hold the file open for writing, and it could not be executed.
        CriOci.RunProgram("/bin/busybox", ["cp", "/bin/busybox", Path.Combine(Rootfs, "bin/busybox")]).Succeeded();
        CriOci.RunProgram("/bin/busybox", ["chroot", Rootfs, "/bin/busybox", "--install", "-s", "/bin"]).Succeeded();
        Spec = Standard();
        Id = NewId();
    }

    internal string Directory { get; }

    internal string Rootfs { get; }

    internal string Root => Path.Combine(Directory, "state");

    /// <summary>The first container's id.</summary>
    internal string Id { get; }

    /// <summary>Written to config.json by each command that reads it.</summary>
    internal Spec Spec { get; set; }

    internal Process Process
    {
        get => Spec.Process!;
        set => Spec = Spec with { Process = value };
    }

    internal LinuxSection Linux
    {
        get => Spec.Linux!;
        set => Spec = Spec with { Linux = value };
    }

    internal string NewId()
    {
        string id = "t" + Guid.NewGuid().ToString("n")[..12];
        ids.Add(id);
        return id;
    }

    /// <summary>Runs a shell script as the container's process.</summary>
    internal Outcome Run(string script) => Run("/bin/sh", "-c", script);

    internal Outcome Run(params string[] arguments)
    {
        Process = Process with { Args = arguments };
        return Command("run", "--bundle", Directory, Id);
    }

    internal Outcome Create(string script, params string[] options) => CreateWith([], script, options);

    /// <param name="before">Options that stand before the command.</param>
    /// <param name="script">For the shell.</param>
    /// <param name="options">Options of the command.</param>
    internal Outcome CreateWith(string[] before, string script, params string[] options)
    {
        Process = Process with { Args = ["/bin/sh", "-c", script] };
        WriteConfig();
        // The container keeps its standard descriptors: only files let go of.
        string command = $"exec {CriOci.Path} --root {Root} {string.Join(' ', before)} create --bundle {Directory} {string.Join(' ', options)} {Id} </dev/null >{Directory}/out 2>{Directory}/err";
        Outcome outcome = CriOci.RunProgram("/bin/sh", ["-c", command]);
        return outcome with { Error = File.ReadAllText(Path.Combine(Directory, "err")) };
    }

    /// <summary>What a created container has written so far.</summary>
    internal string Written => File.ReadAllText(Path.Combine(Directory, "out"));

    internal Outcome Command(params string[] arguments)
    {
        WriteConfig();
        return CriOci.Run(["--root", Root, .. arguments]);
    }

    internal void AddMount(string type, string source, string destination, params string[] options) =>
        Spec = Spec with { Mounts = [.. Spec.Mounts, new Mount { Type = type, Source = source, Destination = destination, Options = options }] };

    /// <summary>A directory on the host beside the root file system.</summary>
    internal string HostDirectory(string name)
    {
        string path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(path);
        return path;
    }

    internal string Status() => Command("state", Id).Succeeded();

    internal async Task<bool> WaitForStatus(string status)
    {
        for (int i = 0; i < 200; i++)
        {
            if (Status().Contains($"\"status\": \"{status}\"", StringComparison.Ordinal))
                return true;
            await Task.Delay(25);
        }
        return false;
    }

    public void Dispose()
    {
        foreach (string id in ids)
            CriOci.Run("--root", Root, "delete", "--force", id);
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void WriteConfig() => SpecJson.Save(Spec, Path.Combine(Directory, "config.json"));

    private Spec Standard()
    {
        Spec example = ExampleSpec.Create();
        return example with
        {
            Root = new Root { Path = "rootfs" },
            Process = example.Process! with { Capabilities = new LinuxCapabilities { Bounding = AllCapabilities, Effective = AllCapabilities, Permitted = AllCapabilities } },
            Linux = example.Linux! with { CgroupsPath = "/" + Path.GetFileName(Directory) },
        };
    }
}
