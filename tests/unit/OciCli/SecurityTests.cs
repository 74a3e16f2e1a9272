using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class SecurityTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void Each_capability_set_is_the_one_asked_for()
    {
        bundle.Process = bundle.Process with
        {
            Capabilities = new LinuxCapabilities
            {
                Bounding = ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
                Permitted = ["CAP_CHOWN", "CAP_KILL"],
                Effective = ["CAP_CHOWN"],
                Inheritable = ["CAP_KILL"],
                Ambient = ["CAP_KILL"],
            },
            User = new User { Uid = 1000, Gid = 1000 },
        };
        string status = bundle.Run("grep Cap /proc/self/status").Succeeded();
        // For a user that is not root, exec leaves the ambient set.
        Assert.Equal("CapInh:\t0000000000000020\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\nCapBnd:\t0000000000002021\nCapAmb:\t0000000000000020\n", status);
    }

    [Fact]
    public void A_capability_that_the_host_lacks_is_left_out_with_a_warning()
    {
        string[] some = ["CAP_CHOWN", "CAP_OF_THE_FUTURE"];
        bundle.Process = bundle.Process with { Capabilities = new LinuxCapabilities { Bounding = some, Effective = some, Permitted = some } };
        Outcome outcome = bundle.Run("grep CapEff /proc/self/status");
        Assert.Contains("0000000000000001", outcome.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("CAP_OF_THE_FUTURE", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_new_privileges_is_set_where_asked_for()
    {
        Assert.Contains("NoNewPrivs:\t1", bundle.Run("cat /proc/self/status").Succeeded(), StringComparison.Ordinal);
        bundle.Process = bundle.Process with { NoNewPrivileges = false };
        Assert.Contains("NoNewPrivs:\t0", bundle.Run("cat /proc/self/status").Succeeded(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_seccomp_filter_is_in_force(bool noNewPrivileges)
    {
        bundle.Process = bundle.Process with { NoNewPrivileges = noNewPrivileges };
        bundle.Linux = bundle.Linux with
        {
            Seccomp = new Seccomp
            {
                DefaultAction = "SCMP_ACT_ALLOW",
                Architectures = ["SCMP_ARCH_X86_64"],
                Syscalls = [new SeccompSyscall { Names = ["mkdir", "mkdirat"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 1 }],
            },
        };
        Assert.Contains("Seccomp:\t2", bundle.Run("cat /proc/self/status").Succeeded(), StringComparison.Ordinal);
        bundle.Run("mkdir /tmp/x").Failed("Operation not permitted");
    }

    [Fact]
    public void Masked_files_read_as_nothing_and_masked_directories_are_empty()
    {
        Directory.CreateDirectory(Path.Combine(bundle.Rootfs, "secret"));
        File.WriteAllText(Path.Combine(bundle.Rootfs, "secret/key"), "key");
        File.WriteAllText(Path.Combine(bundle.Rootfs, "password"), "password");
        bundle.Linux = bundle.Linux with { MaskedPaths = ["/secret", "/password", "/not/there"] };
        Assert.Equal("", bundle.Run("cat /password; ls /secret").Succeeded());
        bundle.Run("touch /secret/new").Failed("Read-only");
    }

    [Fact]
    public void Read_only_paths_stay_readable()
    {
        bundle.Linux = bundle.Linux with { ReadonlyPaths = ["/proc/sys", "/data", "/not/there"] };
        bundle.Run("touch /data/x").Failed("Read-only");
        bundle.Run("echo 1 > /proc/sys/net/ipv4/ip_forward").Failed("Read-only");
        bundle.Run("cat /proc/sys/net/ipv4/ip_forward").Succeeded();
    }

    [Fact]
    public void Devices_are_what_they_are_called()
    {
        bundle.Linux = bundle.Linux with
        {
            Devices = [new LinuxDevice { Path = "/dev/fuse", Type = "c", Major = 10, Minor = 229, FileMode = 432, Uid = 5, Gid = 6 }],
            Resources = new LinuxResources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }, new DeviceRule { Allow = true, Type = "c", Major = 10, Minor = 229, Access = "rwm" }] },
        };
        string output = bundle.Run("stat -c '%n %F %t:%T %a %u %g' /dev/null /dev/zero /dev/fuse; head -c 3 /dev/zero | wc -c; echo gone > /dev/null").Succeeded();
        Assert.Contains("/dev/null character special file 1:3 666 0 0\n", output, StringComparison.Ordinal);
        Assert.Contains("/dev/fuse character special file a:e5 660 5 6\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\n3\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_the_rules_do_not_allow_cannot_be_opened()
    {
        bundle.Linux = bundle.Linux with { Devices = [new LinuxDevice { Path = "/dev/kmsg", Type = "c", Major = 1, Minor = 11 }] };
        bundle.Run("head -c 1 < /dev/kmsg").Failed("Operation not permitted");
    }

    [Fact]
    public void A_user_namespace_maps_the_ids_of_the_container()
    {
        bundle.Linux = bundle.Linux with
        {
            Namespaces = [.. bundle.Linux.Namespaces, new LinuxNamespace { Type = LinuxNamespaceType.User }],
            UidMappings = [new IdMapping { ContainerId = 0, HostId = 100_000, Size = 65_536 }],
            GidMappings = [new IdMapping { ContainerId = 0, HostId = 200_000, Size = 65_536 }],
        };
        CriOci.RunProgram("/bin/sh", ["-c", $"chown -R 100000:200000 {bundle.Rootfs}; chmod 755 {bundle.Directory}"]).Succeeded();
        string output = bundle.Run("id -u; awk '{print $1,$2,$3}' /proc/self/uid_map /proc/self/gid_map; echo x > /dev/null && touch /data/file && stat -c %u /data/file").Succeeded();
        Assert.Equal("0\n0 100000 65536\n0 200000 65536\n0\n", output);
    }

    [Fact]
    public void Joined_namespaces_are_those_of_the_path()
    {
        using System.Diagnostics.Process holder = CriOci.Start("/usr/bin/unshare", ["--net", "--uts", "--ipc", "/bin/sh", "-c", "hostname joined; echo up; read x"]);
        Assert.Equal("up", holder.StandardOutput.ReadLine());
        string ns(string type) => $"/proc/{holder.Id}/ns/{type}";
        bundle.Spec = bundle.Spec with { Hostname = null };
        bundle.Linux = bundle.Linux with
        {
            Namespaces =
            [
                new LinuxNamespace { Type = LinuxNamespaceType.Mount }, new LinuxNamespace { Type = LinuxNamespaceType.Pid }, new LinuxNamespace { Type = LinuxNamespaceType.Cgroup },
                new LinuxNamespace { Type = LinuxNamespaceType.Network, Path = ns("net") }, new LinuxNamespace { Type = LinuxNamespaceType.Uts, Path = ns("uts") },
                new LinuxNamespace { Type = LinuxNamespaceType.Ipc, Path = ns("ipc") },
            ],
        };
        string wanted = new FileInfo(ns("net")).LinkTarget!;
        string output = bundle.Run("hostname; readlink /proc/self/ns/net; echo pid $$").Succeeded();
        holder.StandardInput.Close();
        Assert.Equal($"joined\n{wanted}\npid 1\n", output);
    }

    // The namespaces of a pod with a user namespace: new ones belong to it, and the pid namespace takes a second fork.
    [Fact]
    public void A_joined_user_namespace_owns_what_the_container_makes()
    {
        using System.Diagnostics.Process holder = CriOci.Start("/usr/bin/unshare", ["--user", "--net", "--uts", "--ipc", "/bin/sh", "-c", "echo up; read x"]);
        Assert.Equal("up", holder.StandardOutput.ReadLine());
        File.WriteAllText($"/proc/{holder.Id}/uid_map", "0 100000 65536\n");
        File.WriteAllText($"/proc/{holder.Id}/gid_map", "0 100000 65536\n");
        string ns(string type) => $"/proc/{holder.Id}/ns/{type}";
        bundle.Linux = bundle.Linux with
        {
            Namespaces =
            [
                new LinuxNamespace { Type = LinuxNamespaceType.Mount }, new LinuxNamespace { Type = LinuxNamespaceType.Pid }, new LinuxNamespace { Type = LinuxNamespaceType.Cgroup },
                new LinuxNamespace { Type = LinuxNamespaceType.User, Path = ns("user") }, new LinuxNamespace { Type = LinuxNamespaceType.Network, Path = ns("net") },
                new LinuxNamespace { Type = LinuxNamespaceType.Uts, Path = ns("uts") }, new LinuxNamespace { Type = LinuxNamespaceType.Ipc, Path = ns("ipc") },
            ],
        };
        CriOci.RunProgram("/bin/sh", ["-c", $"chown -R 100000:100000 {bundle.Rootfs}; chmod 755 {bundle.Directory}"]).Succeeded();
        string output = bundle.Run("echo pid $$; id -u; hostname; readlink /proc/self/ns/user; touch /data/file").Succeeded();
        string user = new FileInfo(ns("user")).LinkTarget!;
        holder.StandardInput.Close();
        Assert.Equal($"pid 1\n0\ncri-oci\n{user}\n", output);
    }
}
