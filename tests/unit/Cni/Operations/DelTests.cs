using System.Text.Json;

namespace CriRuntime.Cni.Tests.Operations;

public sealed class DelTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Del_runs_the_plugins_backwards_with_the_recorded_result_and_forgets()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.GoodPlugin("second");
        _sandbox.Network("podnet", "1.0.0", "main", "second");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod(), default);

        await networks.DelAsync(CniSandbox.Pod(), default);

        Assert.Equal(["DEL second", "DEL main"], _sandbox.Calls[2..]);
        Assert.Equal("10.9.0.5/24", _sandbox.Input("main", "DEL").GetProperty("prevResult").GetProperty("ips")[0].GetProperty("address").GetString());
        Assert.Empty(_sandbox.CachedFiles);
    }

    [Fact]
    public async Task Del_uses_the_configuration_and_arguments_of_the_Add_after_both_changed()
    {
        _sandbox.GoodPlugin("old");
        _sandbox.GoodPlugin("new");
        _sandbox.Conf("10-net.conflist", """{"cniVersion":"1.0.0","name":"before","plugins":[{"type":"old","color":"red","capabilities":{"portMappings":true}}]}""");
        using (CniNetworks networks = _sandbox.Open())
            await networks.AddAsync(CniSandbox.Pod() with { PortMappings = [new PortMapping(8080, 80)] }, default);
        _sandbox.Network("after", "1.0.0", "new");

        // A new daemon, which no longer knows the ports.
        using CniNetworks restarted = _sandbox.Open();
        await restarted.DelAsync(CniSandbox.Pod(), default);

        Assert.Equal(["ADD old", "DEL old"], _sandbox.Calls);
        JsonElement input = _sandbox.Input("old", "DEL");
        Assert.Equal(("before", "red"), (input.GetProperty("name").GetString(), input.GetProperty("color").GetString()));
        Assert.Equal(8080, input.GetProperty("runtimeConfig").GetProperty("portMappings")[0].GetProperty("hostPort").GetInt32());
    }

    [Fact]
    public async Task A_namespace_that_is_gone_is_named_by_nothing()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod(), default);

        await networks.DelAsync(CniSandbox.Pod() with { NetnsPath = "/nonexistent/net" }, default);

        Assert.Contains("NETNS=\n", _sandbox.Variables("main", "DEL"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Del_twice_succeeds_and_Del_without_any_network_too()
    {
        _sandbox.GoodPlugin("main");
        using CniNetworks networks = _sandbox.Open();
        await networks.DelAsync(CniSandbox.Pod(), default);
        _sandbox.Network("podnet", "1.0.0", "main");
        await networks.DelAsync(CniSandbox.Pod(), default);
        await networks.DelAsync(CniSandbox.Pod(), default);
        Assert.Equal(["DEL main", "DEL main"], _sandbox.Calls);
    }

    [Fact]
    public async Task A_Del_that_fails_keeps_the_record_for_the_next_try()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod(), default);
        _sandbox.Plugin("main", "exit 1");

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.DelAsync(CniSandbox.Pod(), default));

        Assert.StartsWith("CNI DEL for pod shop/web on network \"podnet\": plugin \"main\"", e.Message, StringComparison.Ordinal);
        Assert.Single(_sandbox.CachedFiles);
        _sandbox.GoodPlugin("main");
        await networks.DelAsync(CniSandbox.Pod(), default);
        Assert.Empty(_sandbox.CachedFiles);
    }

    [Fact]
    public async Task A_crash_between_intent_and_result_leaves_a_record_that_Del_can_use()
    {
        _sandbox.Plugin("main", "[ \"$CNI_COMMAND\" != ADD ] || { cp -r \"$dir/../cache\" \"$dir/../saved\"; echo '{\"code\":100,\"msg\":\"x\"}'; exit 1; }");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(), default));
        // What the disk held while the plugin ran.
        Directory.Delete(_sandbox.CacheDir, recursive: true);
        Directory.Move(Path.Combine(_sandbox.CacheDir, "..", "saved"), _sandbox.CacheDir);
        File.Delete(Path.Combine(_sandbox.ConfDir, "10-net.conflist"));

        await networks.DelAsync(CniSandbox.Pod(), default);

        Assert.Equal("DEL main", _sandbox.Calls[^1]);
        Assert.False(_sandbox.Input("main", "DEL").TryGetProperty("prevResult", out _));
        Assert.Empty(_sandbox.CachedFiles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"kind\":\"cniCacheV1\",\"containerId\":\"c0ffee\",\"ifName\":\"eth0\",\"config\":\"%%%\"}")]
    [InlineData("{\"kind\":\"cniCacheV1\",\"containerId\":\"c0ffee\",\"ifName\":\"eth0\",\"config\":7}")]
    [InlineData("[1]")]
    public async Task A_damaged_record_is_passed_over_with_a_warning(string content)
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        Directory.CreateDirectory(Path.Combine(_sandbox.CacheDir, "results"));
        await File.WriteAllTextAsync(Path.Combine(_sandbox.CacheDir, "results", "podnet-c0ffee-eth0"), content);
        using CniNetworks networks = _sandbox.Open();

        await networks.DelAsync(CniSandbox.Pod(), default);

        Assert.Equal(["DEL main"], _sandbox.Calls);
        Assert.Contains("podnet-c0ffee-eth0 cannot be read", Assert.Single(_sandbox.Warnings), StringComparison.Ordinal);
        Assert.Empty(_sandbox.CachedFiles);
    }
}
