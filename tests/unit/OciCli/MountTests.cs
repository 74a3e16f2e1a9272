using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class MountTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void A_directory_of_the_host_is_bound_and_writable()
    {
        string source = bundle.HostDirectory("volume");
        bundle.AddMount("bind", source, "/deep/er/target", "rbind");
        bundle.Run("echo written > /deep/er/target/file").Succeeded();
        Assert.Equal("written\n", File.ReadAllText(Path.Combine(source, "file")));
    }

    [Fact]
    public void A_file_is_bound_on_a_file()
    {
        string source = Path.Combine(bundle.Directory, "resolv.conf");
        File.WriteAllText(source, "nameserver 10.0.0.1\n");
        bundle.AddMount("bind", source, "/etc/resolv.conf", "bind", "ro");
        Assert.Equal("nameserver 10.0.0.1\n", bundle.Run("cat /etc/resolv.conf").Succeeded());
        bundle.Run("echo x > /etc/resolv.conf").Failed("Read-only");
    }

    [Fact]
    public void Ro_covers_the_mount_and_rro_all_below_it()
    {
        string source = bundle.HostDirectory("tree");
        Directory.CreateDirectory(Path.Combine(source, "below"));
        CriOci.RunProgram("/bin/mount", ["-t", "tmpfs", "tmpfs", Path.Combine(source, "below")]).Succeeded();
        try
        {
            bundle.AddMount("bind", source, "/ro", "rbind", "ro");
            bundle.AddMount("bind", source, "/rro", "rbind", "rro");
            bundle.Run("touch /ro/file").Failed("Read-only");
            bundle.Run("touch /ro/below/file").Succeeded();
            bundle.Run("touch /rro/below/file").Failed("Read-only");
        }
        finally
        {
            CriOci.RunProgram("/bin/umount", [Path.Combine(source, "below")]).Succeeded();
        }
    }

    [Fact]
    public void Attributes_of_a_mount_show_in_the_container()
    {
        bundle.AddMount("tmpfs", "tmpfs", "/limited", "nosuid", "nodev", "noexec", "noatime", "size=1m", "mode=700");
        string line = Assert.Single(bundle.Run("cat /proc/mounts").Succeeded().Split('\n'), static l => l.Contains(" /limited ", StringComparison.Ordinal));
        foreach (string option in new[] { "nosuid", "nodev", "noexec", "noatime", "size=1024k", "mode=700" })
            Assert.Contains(option, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Tmpcopyup_keeps_what_the_image_has()
    {
        string data = Path.Combine(bundle.Rootfs, "data");
        Directory.CreateDirectory(Path.Combine(data, "sub"));
        File.WriteAllText(Path.Combine(data, "sub/file"), "from the image\n");
        File.CreateSymbolicLink(Path.Combine(data, "link"), "sub/file");
        bundle.AddMount("tmpfs", "tmpfs", "/data", "tmpcopyup", "ro");
        Assert.Equal("from the image\nsub/file\n", bundle.Run("cat /data/link; readlink /data/link").Succeeded());
        bundle.Run("touch /data/new").Failed("Read-only");
    }

    [Fact]
    public void The_root_can_be_read_only_while_mounts_are_not()
    {
        bundle.Spec = bundle.Spec with { Root = new Root { Path = "rootfs", ReadOnly = true } };
        bundle.AddMount("tmpfs", "tmpfs", "/tmp", "mode=1777");
        bundle.Run("touch /file").Failed("Read-only");
        bundle.Run("touch /tmp/file").Succeeded();
    }

    [Fact]
    public void What_the_container_mounts_does_not_reach_the_host()
    {
        string source = bundle.HostDirectory("private");
        bundle.AddMount("bind", source, "/volume", "rbind", "rprivate");
        bundle.Process = bundle.Process with { Capabilities = Everything() };
        bundle.Run("mkdir -p /volume/m && mount -t tmpfs tmpfs /volume/m && touch /volume/m/inside").Succeeded();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(source, "m")));
    }

    [Fact]
    public async Task A_shared_volume_passes_mounts_both_ways()
    {
        string source = bundle.HostDirectory("shared");
        CriOci.RunProgram("/bin/sh", ["-c", $"mount --bind {source} {source} && mount --make-shared {source}"]).Succeeded();
        try
        {
            bundle.Linux = bundle.Linux with { RootfsPropagation = "rshared" };
            bundle.AddMount("bind", source, "/volume", "rbind", "rshared");
            bundle.Process = bundle.Process with { Capabilities = Everything() };
            bundle.Create("mkdir /volume/m && mount -t tmpfs tmpfs /volume/m && touch /volume/m/inside && echo done; sleep 60").Succeeded();
            bundle.Command("start", bundle.Id).Succeeded();
            for (int i = 0; i < 100 && bundle.Written.Length == 0; i++)
                await Task.Delay(20);
            Assert.True(File.Exists(Path.Combine(source, "m/inside")));
        }
        finally
        {
            bundle.Command("delete", "--force", bundle.Id);
            CriOci.RunProgram("/bin/sh", ["-c", $"umount {source}/m; umount {source}"]);
        }
    }

    [Fact]
    public void Ids_of_a_mount_can_be_mapped()
    {
        string source = bundle.HostDirectory("mapped");
        File.WriteAllText(Path.Combine(source, "file"), "");
        bundle.Spec = bundle.Spec with
        {
            Mounts = [.. bundle.Spec.Mounts, new Mount
            {
                Destination = "/mapped",
                Type = "bind",
                Source = source,
                Options = ["bind"],
                UidMappings = [new IdMapping { ContainerId = 0, HostId = 5000, Size = 10 }],
                GidMappings = [new IdMapping { ContainerId = 0, HostId = 6000, Size = 10 }],
            }],
        };
        Assert.Equal("5000 6000\n", bundle.Run("stat -c '%u %g' /mapped/file").Succeeded());
    }

    [Fact]
    public void Each_cgroup_hierarchy_shows_the_container_as_its_root()
    {
        string output = bundle.Run("cat /proc/self/cgroup; ls /sys/fs/cgroup/pids/cgroup.procs; echo $$ > /sys/fs/cgroup/pids/tasks").Output;
        Assert.Contains(":pids:/\n", output, StringComparison.Ordinal);
        Assert.Contains("/sys/fs/cgroup/pids/cgroup.procs\n", output, StringComparison.Ordinal);
        bundle.Run("echo $$ > /sys/fs/cgroup/pids/tasks").Failed("Read-only");
    }

    [Fact]
    public void A_missing_source_is_named()
    {
        bundle.AddMount("bind", "/no/such/source", "/target", "bind");
        bundle.Run("true").Failed("bind /no/such/source on /target: open /no/such/source: no such file or directory");
    }

    [Fact]
    public void An_option_that_the_file_system_does_not_know_is_named()
    {
        bundle.AddMount("tmpfs", "tmpfs", "/target", "nonsense=1");
        bundle.Run("true").Failed("mount tmpfs on /target", "nonsense=1", "EINVAL");
    }

    private static LinuxCapabilities Everything() =>
        new() { Bounding = ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"], Effective = ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"], Permitted = ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"] };
}
