using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace CriRuntime.CriServer.Tests.Network;

/// <summary>UpdateRuntimeConfig: the kubelet's pod subnets become the pod network's configuration.</summary>
public sealed class NodeNetworkTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("node-network").FullName;
    private readonly FakeNetwork _network = new() { NotReadyReason = "no network config" };

    private string Written => Path.Combine(_directory, "net.d", NodeNetwork.FileName);

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public void The_kubelets_subnets_are_written_where_the_network_is_configured()
    {
        Node().Update("10.244.1.0/24, fd00:10:244:1::/64");
        string text = File.ReadAllText(Written);
        Assert.Contains("10.244.1.0/24", text, StringComparison.Ordinal);
        Assert.Contains("fd00:10:244:1::/64", text, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Written)!));
    }

    [Fact]
    public void Another_subnet_replaces_the_first_and_the_same_one_changes_nothing()
    {
        Node().Update("10.244.1.0/24");
        _network.NotReadyReason = null;
        Node().Update("10.244.2.0/24");
        Assert.Contains("10.244.2.0/24", File.ReadAllText(Written), StringComparison.Ordinal);
        File.SetLastWriteTimeUtc(Written, DateTime.UnixEpoch);
        Node().Update("10.244.2.0/24");
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(Written));
    }

    [Theory]
    [InlineData("10.244.1.7/23", "10.244.0.0/23")]
    [InlineData("fd00:10:244:1:7::9/60", "fd00:10:244::/60")]
    [InlineData("10.1.2.3/0", "0.0.0.0/0")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32")]
    public void Bits_beyond_the_prefix_are_cleared(string podCidr, string subnet) => Assert.Equal(subnet, Assert.Single(PodCidrs.Parse(podCidr)).ToString());

    [Fact]
    public void A_network_that_somebody_else_configured_is_kept()
    {
        _network.NotReadyReason = null;
        Node().Update("10.244.1.0/24");
        Assert.False(File.Exists(Written));
    }

    [Fact]
    public void Without_a_template_or_a_subnet_nothing_is_written()
    {
        new NodeNetwork(_network, new NodeNetworkSettings(Path.Combine(_directory, "net.d"), ""), NullLogger<NodeNetwork>.Instance).Update("10.244.1.0/24");
        Node().Update("");
        Assert.False(Directory.Exists(Path.Combine(_directory, "net.d")));
    }

    [Theory]
    [InlineData("10.244.1.0")]
    [InlineData("10.244.1.0/")]
    [InlineData("10.244.1.0/24/24")]
    [InlineData("10.244.1.0/33")]
    [InlineData("10.244.1.0/24,10.244.2.0/24")]
    [InlineData("\"}]},{\"type\":\"evil")]
    [InlineData("10.244.1.0/24;rm")]
    public void What_is_no_subnet_is_an_invalid_argument_and_writes_nothing(string podCidr)
    {
        CriException e = Assert.Throws<CriException>(() => Node().Update(podCidr));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains("pod_cidr", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Written));
    }

    [Fact]
    public void A_template_that_is_wrong_is_named_with_the_reason()
    {
        NodeNetwork node = Node("""{ "name": "pods", "plugins": [ { "type": "bridge", "x": "{{.Nope}}" } ] }""");
        CriException e = Assert.Throws<CriException>(() => node.Update("10.244.1.0/24"));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("template.conflist", e.Message, StringComparison.Ordinal);
        Assert.Contains("{{.Nope}}", e.Message, StringComparison.Ordinal);
    }

    private NodeNetwork Node(string template = """{ "cniVersion": "1.0.0", "name": "pods", "plugins": [ { "type": "bridge", "ipam": { "ranges": "{{.PodCIDRRanges}}" } } ] }""")
    {
        string file = Path.Combine(_directory, "template.conflist");
        File.WriteAllText(file, template);
        return new NodeNetwork(_network, new NodeNetworkSettings(Path.Combine(_directory, "net.d"), file), NullLogger<NodeNetwork>.Instance);
    }
}
