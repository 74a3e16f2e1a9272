using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

/// <summary>Images and processes that try to get out: each test performs the attack that its comment names.</summary>
public sealed class AttackTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    // CVE-2021-30465, CVE-2024-45310: the image's destination is a symbolic link that leads out of the root.
    [Fact]
    public void A_mount_on_a_link_stays_in_the_root()
    {
        string outside = bundle.HostDirectory("outside");
        string volume = bundle.HostDirectory("volume");
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "escape"), $"../../../../../../../../..{outside}");
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "absolute"), outside);
        bundle.AddMount("bind", volume, "/escape/made", "bind");
        bundle.AddMount("bind", volume, "/absolute/made", "bind");
        bundle.Run("true").Succeeded();
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.True(Directory.Exists(Path.Combine(bundle.Rootfs, outside[1..], "made")));
    }

    // The same by a race: a process exchanges a directory and a link while the mounts are made.
    [Fact]
    public void A_mount_whose_target_is_exchanged_meanwhile_stays_in_the_root()
    {
        string outside = bundle.HostDirectory("outside");
        string shared = bundle.HostDirectory("shared");
        Directory.CreateDirectory(Path.Combine(shared, "a"));
        File.CreateSymbolicLink(Path.Combine(shared, "b"), $"/../../../../../../..{outside}");
        bundle.AddMount("bind", shared, "/shared", "rbind");
        for (int i = 0; i < 20; i++)
            bundle.AddMount("tmpfs", "tmpfs", $"/shared/a/mount{i}");
        string goOn = Path.Combine(bundle.HostDirectory("racer"), "go-on");
        File.WriteAllText(goOn, "");
        string script = $"cd {shared}; while [ -e {goOn} ]; do mv -T a t; mv -T b a; mv -T a b; mv -T t a; done 2>/dev/null";
        using System.Diagnostics.Process racer = CriOci.Start("/bin/sh", ["-c", script]);
        try
        {
            for (int i = 0; i < 15; i++)
                bundle.Run("true");
        }
        finally
        {
            File.Delete(goOn);
            racer.WaitForExit(); // with it its last mv, which would still move what is being removed
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    // CVE-2025-31133: /dev/null of the image is a link or a file, so that masking would bind something else.
    [Fact]
    public void Masking_does_not_use_what_the_image_calls_the_null_device()
    {
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "dev/null"), "/proc/sysrq-trigger");
        bundle.Spec = bundle.Spec with { Mounts = [.. bundle.Spec.Mounts.Where(static m => m.Destination != "/dev")] };
        File.WriteAllText(Path.Combine(bundle.Rootfs, "password"), "password");
        bundle.Linux = bundle.Linux with { MaskedPaths = ["/password"] };
        Assert.Equal("character special file 1:3\n", bundle.Run("stat -c '%F %t:%T' /password").Succeeded());
        Assert.Equal("character special file 1:3\n", bundle.Run("stat -c '%F %t:%T' /dev/null").Succeeded());
    }

    // A regular file /dev/null in the image would record what is written to it.
    [Fact]
    public void A_file_in_the_place_of_a_device_is_replaced()
    {
        File.WriteAllText(Path.Combine(bundle.Rootfs, "dev/null"), "");
        bundle.Spec = bundle.Spec with { Mounts = [.. bundle.Spec.Mounts.Where(static m => m.Destination != "/dev")] };
        Assert.Equal("character special file\n", bundle.Run("stat -c %F /dev/null").Succeeded());
    }

    // CVE-2025-52881: writes to procfs are led elsewhere by a /proc of the image, or by what is mounted over a part of it.
    [Fact]
    public void Kernel_parameters_are_not_written_through_the_containers_proc()
    {
        string decoy = bundle.HostDirectory("decoy");
        Directory.CreateDirectory(Path.Combine(decoy, "ipv4"));
        File.WriteAllText(Path.Combine(decoy, "ipv4/ip_forward"), "untouched");
        bundle.AddMount("bind", decoy, "/proc/sys/net", "bind");
        bundle.Linux = bundle.Linux with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" } };
        bundle.Run("true").Succeeded();
        Assert.Equal("untouched", File.ReadAllText(Path.Combine(decoy, "ipv4/ip_forward")));
    }

    // CVE-2024-21626: the working directory is a descriptor that leads to the host.
    [Theory]
    [InlineData("/proc/self/fd/3")]
    [InlineData("/proc/self/fd/7")]
    [InlineData("/proc/self/fd/8")]
    public void A_working_directory_outside_of_the_root_is_refused(string cwd)
    {
        bundle.Process = bundle.Process with { Cwd = cwd };
        bundle.Run("pwd; ls").Failed("create container");
    }

    // CVE-2026-41579: /dev of the image is a link to another place.
    [Fact]
    public void A_dev_that_is_a_link_leads_to_a_place_in_the_root()
    {
        string outside = bundle.HostDirectory("outside");
        Directory.Delete(Path.Combine(bundle.Rootfs, "dev"));
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "dev"), outside);
        bundle.Run("echo x > /dev/null").Succeeded();
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        bundle.Spec = bundle.Spec with { Mounts = [.. bundle.Spec.Mounts.Where(static m => !m.Destination.StartsWith("/dev", StringComparison.Ordinal))] };
        bundle.Run("echo x > /dev/null").Succeeded();
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    // CVE-2019-5736: the container's program is a link to /proc/self/exe, which is the runtime's own program in a process that is being born.
    // Here it gets to run, held up by a fifo in the place of its configuration, and is opened, and written to as soon as it ends.
    [Fact]
    public async Task The_runtimes_program_cannot_be_overwritten()
    {
        string program = Path.Combine(bundle.Directory, "cri-oci");
        CriOci.RunProgram("/bin/busybox", ["cp", CriOci.Path, program]).Succeeded();
        byte[] before = File.ReadAllBytes(program);
        CopyLibraries();
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "bin/evil"), "/proc/self/exe");
        Directory.CreateDirectory(Path.Combine(bundle.Rootfs, "fifobundle"));
        CriOci.RunProgram("/bin/busybox", ["mkfifo", Path.Combine(bundle.Rootfs, "fifobundle/config.json")]).Succeeded();
        bundle.Create(Overwriter).Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
        CriOci.RunProgram(program, ["--root", bundle.Root, "exec", bundle.Id, "/bin/evil", "run", "-b", "/fifobundle", "x"]);
        for (int i = 0; i < 200 && !bundle.Written.Contains("done", StringComparison.Ordinal); i++)
            await Task.Delay(50);
        Assert.Equal("opened\ndone\n", bundle.Written);
        Assert.Equal(before, File.ReadAllBytes(program));
    }

    // The protection above is not optional: a program that could not be protected launches nothing.
    [Theory]
    [InlineData("run")]
    [InlineData("create")]
    public void Nothing_is_launched_from_a_program_that_can_be_written_to(string command) =>
        CriOci.RunProgram("/usr/bin/env", ["CRI_READ_ONLY_EXECUTABLE=1", CriOci.Path, "--root", bundle.Root, command, "--bundle", bundle.Directory, bundle.Id])
            .Failed("read-only mount", "EROFS");

    // A link into /proc that the kernel follows itself (a magic link) as a mount target.
    [Fact]
    public void A_mount_on_a_magic_link_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "magic"), "/proc/self/root");
        bundle.AddMount("tmpfs", "tmpfs", "/magic/tmp");
        bundle.Run("true").Failed("mount tmpfs on /magic/tmp", "ELOOP");
    }

    // CVE-2025-52565: /dev/console of the image is a link, /dev/pts/ptmx a regular file.
    [Fact]
    public void A_terminal_comes_from_a_real_devpts_only()
    {
        bundle.Spec = bundle.Spec with { Mounts = [.. bundle.Spec.Mounts.Where(static m => !m.Destination.StartsWith("/dev", StringComparison.Ordinal))] };
        Directory.CreateDirectory(Path.Combine(bundle.Rootfs, "dev/pts"));
        File.WriteAllText(Path.Combine(bundle.Rootfs, "dev/pts/ptmx"), "");
        bundle.Process = bundle.Process with { Terminal = true };
        using ConsoleListener listener = new(Path.Combine(bundle.Directory, "console"));
        bundle.Create("true", "--console-socket", listener.Path).Failed("open a terminal", "EPERM");
    }

    // CVE-2016-9962: a process of the container looks into one that is joining it. The child is not dumpable, so that its /proc entries are root's alone.
    [Fact]
    public void A_process_that_joins_cannot_be_looked_into()
    {
        bundle.Create("sleep 60").Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
        // The watcher has every capability but those over the host; it tries to open descriptors and the root of whatever appears.
        string script = "for i in $(seq 1 400); do for p in /proc/[0-9]*; do ls $p/root/ 2>/dev/null | grep -q work && echo ESCAPED; done; done";
        Process watcher = bundle.Process with { Args = ["/bin/sh", "-c", script] };
        File.WriteAllBytes(Path.Combine(bundle.Directory, "watch.json"), SpecJson.Write(watcher));
        using System.Diagnostics.Process watch = CriOci.Start(CriOci.Path, ["--root", bundle.Root, "exec", "-p", Path.Combine(bundle.Directory, "watch.json"), bundle.Id]);
        for (int i = 0; i < 20; i++)
            bundle.Command("exec", bundle.Id, "/bin/true").Succeeded();
        watch.Kill();
        Assert.DoesNotContain("ESCAPED", watch.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        bundle.Command("kill", "--all", bundle.Id, "KILL");
    }

    [Fact]
    public void A_dangling_link_in_a_destination_is_completed_inside_the_root()
    {
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "var"), "/nowhere/yet");
        bundle.AddMount("tmpfs", "tmpfs", "/var/run/secrets");
        Assert.Contains("/nowhere/yet/run/secrets", bundle.Run("cat /proc/mounts").Succeeded(), StringComparison.Ordinal);
        Assert.False(Directory.Exists("/nowhere"));
    }

    [Fact]
    public void A_ring_of_links_ends_with_an_error()
    {
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "ring"), "/gnir");
        File.CreateSymbolicLink(Path.Combine(bundle.Rootfs, "gnir"), "/ring");
        bundle.AddMount("tmpfs", "tmpfs", "/ring/x");
        bundle.Run("true").Failed("mount tmpfs on /ring/x", "ELOOP");
    }

    private const string Overwriter = "until p=$(grep -l '[f]ifobundle' /proc/[0-9]*/cmdline 2>/dev/null | head -n 1); [ -n \"$p\" ]; do sleep 0.05; done; "
        + "p=${p#/proc/}; p=${p%%/*}; sleep 0.5; exec 3</proc/$p/exe && echo opened; kill -9 $p; sleep 0.5; echo pwned >/proc/self/fd/3 && echo OVERWRITTEN; echo done; sleep 60";

    /// <summary>What the dynamic linker needs to start the runtime's program inside the container.</summary>
    private void CopyLibraries()
    {
        foreach (string line in CriOci.RunProgram("/usr/bin/ldd", [CriOci.Path]).Succeeded().Split('\n'))
        {
            string? library = line.Split(' ', '\t').FirstOrDefault(static word => word.StartsWith('/'));
            if (library is null)
                continue;
            string target = bundle.Rootfs + library;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(library, target);
        }
    }
}
