using System.Text.Json;

namespace CriRuntime.Cni.Tests.Results;

public sealed class ResultConversionTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Theory]
    [InlineData("0.2.0", """{"cniVersion":"0.2.0","ip4":{"ip":"10.9.0.5/24","gateway":"10.9.0.1","routes":[{"dst":"0.0.0.0/0"}]},"ip6":{"ip":"fd00::5/64"},"dns":{"nameservers":["1.1.1.1"]}}""")]
    [InlineData("0.3.1", """{"cniVersion":"0.3.1","ips":[{"version":"4","address":"10.9.0.5/24","gateway":"10.9.0.1"},{"version":"6","address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0"}],"dns":{"nameservers":["1.1.1.1"]}}""")]
    [InlineData("1.0.0", """{"cniVersion":"1.0.0","ips":[{"address":"10.9.0.5/24","gateway":"10.9.0.1"},{"address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0"}],"dns":{"nameservers":["1.1.1.1"]}}""")]
    [InlineData("1.1.0", """{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","mtu":1400,"sandbox":"/x"}],"ips":[{"address":"10.9.0.5/24","gateway":"10.9.0.1","interface":0},{"address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0","mtu":1400,"table":7}],"dns":{"nameservers":["1.1.1.1"]}}""")]
    public async Task Results_of_every_version_say_the_same(string version, string json)
    {
        _sandbox.GoodPlugin("main", json);
        _sandbox.Network("podnet", version, "main");
        using CniNetworks networks = _sandbox.Open();

        CniResult result = await networks.AddAsync(CniSandbox.Pod(), default);

        Assert.Equal(["10.9.0.5", "fd00::5"], result.PodIps.Select(ip => ip.ToString()));
        Assert.Equal("10.9.0.1", result.Ips[0].Gateway!.ToString());
        Assert.Equal("0.0.0.0/0", Assert.Single(result.Routes).Destination);
        Assert.Equal(["1.1.1.1"], result.Dns.Nameservers);
    }

    [Fact]
    public async Task A_plugin_that_answers_in_an_old_version_is_translated_for_the_next()
    {
        _sandbox.GoodPlugin("main", """{"cniVersion":"0.3.1","ips":[{"version":"6","address":"fd00::5/64"}]}""");
        _sandbox.GoodPlugin("second");
        _sandbox.Network("podnet", "1.1.0", "main", "second");
        using CniNetworks networks = _sandbox.Open();

        await networks.AddAsync(CniSandbox.Pod(), default);

        JsonElement previous = _sandbox.Input("second", "ADD").GetProperty("prevResult");
        Assert.Equal("""{"cniVersion":"1.1.0","ips":[{"address":"fd00::5/64"}]}""", previous.GetRawText());
    }
}
