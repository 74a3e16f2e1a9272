using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Tests.Configuration;

public sealed class NetworkTemplateTests
{
    private const string Template = """
        {
          // what the node's installer left
          "cniVersion": "1.0.0", "name": "pods",
          "plugins": [
            { "type": "bridge", "mtu": 1450, "isGateway": true,
              "ipam": { "type": "host-local", "ranges": "{{.PodCIDRRanges}}", "routes": "{{.Routes}}" } },
            { "type": "portmap", "capabilities": { "portMappings": true }, "note": "{{.PodCIDR}}" },
          ],
        }
        """;

    [Fact]
    public void Subnets_of_both_families_get_a_range_and_a_route_each()
    {
        JsonNode filled = Fill(Template, "10.244.1.0/24", "fd00:10:244:1::/64");
        JsonNode bridge = filled["plugins"]![0]!;
        Assert.Equal("""[[{"subnet":"10.244.1.0/24"}],[{"subnet":"fd00:10:244:1::/64"}]]""", bridge["ipam"]!["ranges"]!.ToJsonString());
        Assert.Equal("""[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]""", bridge["ipam"]!["routes"]!.ToJsonString());
        Assert.Equal("10.244.1.0/24", (string?)filled["plugins"]![1]!["note"]);
    }

    [Fact]
    public void Everything_else_stays_as_it_was_written()
    {
        JsonNode filled = Fill(Template, "10.244.1.0/24");
        Assert.Equal("1.0.0", (string?)filled["cniVersion"]);
        Assert.Equal(1450, (int?)filled["plugins"]![0]!["mtu"]);
        Assert.True((bool?)filled["plugins"]![1]!["capabilities"]!["portMappings"]);
    }

    [Theory]
    [InlineData("""{ "name": "pods", "plugins": [ { "type": "bridge", "subnet": "{{.PodCidr}}" } ] }""", "{{.PodCidr}}")]
    [InlineData("""{ "name": "pods", "plugins": [ { "type": "bridge", "subnet": "x{{.PodCIDR}}" } ] }""", "x{{.PodCIDR}}")]
    [InlineData("""{ "name": "pods" }""", "plugins")]
    [InlineData("""{ "name": "pods", """, "")]
    [InlineData("[]", "not a JSON object")]
    public void A_template_that_gives_no_network_is_refused_with_the_reason(string template, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => Fill(template, "10.244.1.0/24")).Message, StringComparison.Ordinal);

    private static JsonNode Fill(string template, params string[] cidrs) =>
        JsonNode.Parse(NetworkTemplate.Fill(Encoding.UTF8.GetBytes(template), [.. cidrs.Select(cidr => IPNetwork.Parse(cidr))]))!;
}
