namespace CriRuntime.Cni.Tests.Operations;

public sealed class CheckStatusVersionTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Check_passes_the_recorded_result_in_the_order_of_Add()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.GoodPlugin("second");
        _sandbox.Network("podnet", "0.4.0", "main", "second");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod(), default);

        await networks.CheckAsync(CniSandbox.Pod(), default);

        Assert.Equal(["CHECK main", "CHECK second"], _sandbox.Calls[2..]);
        Assert.Equal("0.4.0", _sandbox.Input("main", "CHECK").GetProperty("prevResult").GetProperty("cniVersion").GetString());
    }

    [Fact]
    public async Task Check_is_skipped_where_disabled_and_refused_before_0_4_0()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Conf("10-net.conflist", """{"cniVersion":"1.0.0","name":"podnet","disableCheck":"true","plugins":[{"type":"main"}]}""");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod(), default);
        await networks.CheckAsync(CniSandbox.Pod(), default);
        Assert.Equal(["ADD main"], _sandbox.Calls);

        _sandbox.Network("podnet", "0.3.1", "main");
        await networks.AddAsync(CniSandbox.Pod("other"), default);
        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.CheckAsync(CniSandbox.Pod("other"), default));
        Assert.Equal(CniFailure.Unsupported, e.Failure);
    }

    [Fact]
    public async Task Readiness_follows_Status_without_waiting_for_it()
    {
        _sandbox.Plugin("main", "[ \"$CNI_COMMAND\" != STATUS ] || { sleep 0.3; echo '{\"code\":50,\"msg\":\"agent is down\"}'; exit 1; }");
        _sandbox.Network("podnet", "1.1.0", "main");
        using CniNetworks networks = _sandbox.Open();

        Assert.True(networks.Readiness.Ready);
        CniReadiness readiness = networks.Readiness;
        for (int i = 0; i < 200 && readiness.Ready; i++)
        {
            await Task.Delay(20);
            readiness = networks.Readiness;
        }

        Assert.False(readiness.Ready);
        Assert.Equal("podnet", readiness.Network);
        Assert.Contains("agent is down (code 50)", readiness.Reason, StringComparison.Ordinal);
        Assert.Equal(["STATUS main"], _sandbox.Calls);
    }

    [Fact]
    public async Task Status_asks_nobody_before_1_1()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await networks.StatusAsync(default);
        Assert.True(networks.Readiness.Ready);
        Assert.Empty(_sandbox.Calls);
    }

    [Fact]
    public async Task Version_lists_what_a_plugin_speaks_and_refuses_paths()
    {
        _sandbox.Plugin("main", "echo '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.4.0\",\"1.0.0\"]}'");
        using CniNetworks networks = _sandbox.Open();
        Assert.Equal(["0.4.0", "1.0.0"], await networks.VersionAsync("main", default));
        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.VersionAsync("../bin/main", default));
        Assert.Equal(CniFailure.PluginMissing, e.Failure);
    }
}
