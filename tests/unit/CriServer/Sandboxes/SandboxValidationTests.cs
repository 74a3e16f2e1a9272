using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Sandboxes;

public sealed class SandboxValidationTests
{
    private static readonly RuntimeSettings Settings = new() { Root = "/r", Run = "/n", ConmonPath = "/c" };
    private static readonly PodSandboxConfig Good = Daemon.PodConfig();

    [Fact]
    public void A_plain_pod_is_accepted() => SandboxValidation.Check(Good, "", Settings);

    [Fact]
    public void An_unknown_runtime_handler_is_refused_naming_the_configured_ones()
    {
        CriException refused = Refused(Good, "kata");
        Assert.Contains("kata", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\"\"", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    public void A_name_that_could_be_a_path_is_refused(string name) =>
        Refused(Good with { Metadata = Good.Metadata with { Name = name } });

    [Theory]
    [InlineData(70000, "")]
    [InlineData(80, "localhost")]
    [InlineData(80, "10.0.0.1/24")]
    public void A_host_port_that_no_address_can_have_is_refused(int port, string hostIp) =>
        Refused(Good with { PortMappings = [new PortMapping("tcp", 80, port, hostIp)] });

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("::")]
    public void A_host_port_may_name_an_address_of_either_family(string hostIp) =>
        SandboxValidation.Check(Good with { PortMappings = [new PortMapping("tcp", 80, 8080, hostIp)] }, "", Settings);

    [Fact]
    public void Enormous_strings_are_refused_in_a_short_message()
    {
        string huge = new('x', 5_000_000);
        Assert.True(Refused(Good with { Metadata = Good.Metadata with { Namespace = huge } }).Message.Length < 500);
        Refused(Good with { Hostname = huge });
        Refused(Good with { LogDirectory = "/" + huge });
        Refused(Good with { CgroupParent = "/" + huge });
        Refused(Good with { Labels = new() { [huge] = "" } });
        Refused(Good with { Annotations = new() { ["a"] = huge } });
        Refused(Good with { Dns = new DnsConfig([huge], [], []) });
    }

    [Theory]
    [InlineData("/kubepods/../../escape")]
    [InlineData("..")]
    [InlineData("/a/./b")]
    [InlineData("/a\nb")]
    public void A_cgroup_parent_that_leaves_its_place_is_refused(string path) => Refused(Good with { CgroupParent = path });

    [Fact]
    public void A_cgroup_parent_of_the_other_driver_is_refused_with_what_is_expected_and_what_to_set()
    {
        CriException path = Assert.Throws<CriException>(() => SandboxValidation.Check(
            Good with { CgroupParent = "/kubepods/burstable/pod1" }, "", Settings with { CgroupDriver = CgroupDriver.Systemd }));
        CriException slice = Refused(Good with { CgroupParent = "/kubepods.slice/kubepods-pod1.slice" });

        foreach (CriException refused in (CriException[])[path, slice])
        {
            Assert.Equal(CriErrorKind.InvalidArgument, refused.Kind);
            Assert.Contains("cgroup.driver", refused.Message, StringComparison.Ordinal);
        }
        Assert.Contains("systemd, which takes a slice such as", path.Message, StringComparison.Ordinal);
        Assert.Contains("cgroupfs, which takes a path such as", slice.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("system.slice")]
    [InlineData("kubepods-burstable-pod1_2.slice")]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice")]
    public void A_slice_may_be_named_by_itself_or_as_the_kubelet_does(string parent) =>
        SandboxValidation.Check(Good with { CgroupParent = parent }, "", Settings with { CgroupDriver = CgroupDriver.Systemd });

    [Theory]
    [InlineData("-.slice")]
    [InlineData("/kubepods-pod1.slice")]
    [InlineData("/system.slice/../a.slice")]
    [InlineData("a--b.slice")]
    [InlineData("system.slice:cri:id")]
    [InlineData("x.scope")]
    public void What_is_no_slice_for_pods_is_refused(string parent) => Assert.Equal(
        CriErrorKind.InvalidArgument,
        Assert.Throws<CriException>(() => SandboxValidation.Check(Good with { CgroupParent = parent }, "", Settings with { CgroupDriver = CgroupDriver.Systemd })).Kind);

    [Theory]
    [InlineData("kernel.core_pattern", "|/tmp/evil")]
    [InlineData("vm.swappiness", "1")]
    [InlineData("kernel.shm_rmid_forced", "1+kernel.core_pattern=|/evil")] // CVE-2022-0811
    [InlineData("net.ipv4.ip_forward", "1 kernel.core_pattern=|/evil")]
    [InlineData("net.ipv4.ip_forward", "1+")]
    [InlineData("net.ipv4.ip_forward", "=1")]
    [InlineData("net.ipv4.ip_forward", "1\r")]
    [InlineData("net.ipv4.ip_forward", "1\v2")]
    [InlineData("net.ipv4.ip_forward", "1\u2028kernel.core_pattern")]
    [InlineData("net.ipv4.ip_forward", "1\nkernel.core_pattern=x")]
    [InlineData("net.ipv4.ip_forward", "")]
    [InlineData("net.ipv4.../../kernel/core_pattern", "1")]
    [InlineData("net//ipv4", "1")]
    [InlineData("", "1")]
    public void A_sysctl_that_reaches_beyond_the_pod_is_refused(string name, string value) =>
        Refused(Good with { Sysctls = new() { [name] = value } });

    [Theory]
    [InlineData("net.ipv4.ip_forward", "1")]
    [InlineData("net/ipv4/conf/eth0.100/forwarding", "1")]
    [InlineData("net.ipv4.ip_local_port_range", "1024 65535")]
    [InlineData("kernel.shm_rmid_forced", "1")]
    [InlineData("fs.mqueue.msg_max", "100")]
    public void A_sysctl_of_the_pods_own_namespaces_is_accepted(string name, string value) =>
        SandboxValidation.Check(Good with { Sysctls = new() { [name] = value } }, "", Settings);

    [Fact]
    public void A_sysctl_that_would_change_the_node_is_refused_where_the_pod_shares_its_namespace()
    {
        Refused(Daemon.PodConfig(hostNetwork: true) with { Sysctls = new() { ["net.ipv4.ip_forward"] = "1" } });
        NamespaceOptions hostIpc = new() { Ipc = NamespaceMode.Node };
        Refused(Good with { Namespaces = hostIpc, Sysctls = new() { ["kernel.sem"] = "1" } });
    }

    [Theory]
    [InlineData("1.1.1.1\nsearch evil")]
    [InlineData("")]
    [InlineData("a b")]
    public void A_dns_entry_that_is_not_one_word_is_refused(string entry) =>
        Refused(Good with { Dns = new DnsConfig([entry], [], []) });

    private static CriException Refused(PodSandboxConfig config, string handler = "")
    {
        CriException refused = Assert.Throws<CriException>(() => SandboxValidation.Check(config, handler, Settings));
        Assert.Equal(CriErrorKind.InvalidArgument, refused.Kind);
        return refused;
    }
}
