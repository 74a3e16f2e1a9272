using System.Text.Json;

namespace CriRuntime.Cni.Tests.Operations;

public sealed class AddTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task A_pod_gets_the_addresses_that_the_plugin_printed()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();

        CniResult result = await networks.AddAsync(CniSandbox.Pod(), default);

        Assert.Equal("podnet", result.Network);
        Assert.Equal("10.9.0.5", Assert.Single(result.PodIps).ToString());
        Assert.Equal(24, result.Ips[0].PrefixLength);
        Assert.Equal("10.9.0.1", result.Ips[0].Gateway!.ToString());
        Assert.Equal("eth0", result.Interfaces[result.Ips[0].Interface!.Value].Name);
        Assert.Equal("0.0.0.0/0", Assert.Single(result.Routes).Destination);
    }

    [Fact]
    public async Task Plugins_are_told_who_the_pod_is()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();

        await networks.AddAsync(CniSandbox.Pod(), default);

        Assert.Equal(
            $"ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=0f7e\nNETNS=/proc/self/ns/net\nIF=eth0\nID=c0ffee\nPATH={_sandbox.BinDir}\n",
            _sandbox.Variables("main", "ADD"));
    }

    [Fact]
    public async Task Each_plugin_of_a_chain_sees_the_result_before_it_in_the_configured_version()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Plugin("second", "[ \"$CNI_COMMAND\" != ADD ] || printf '%s' '{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.9.0.6/24\"}]}'");
        _sandbox.Network("podnet", "0.4.0", "main", "second");
        using CniNetworks networks = _sandbox.Open();

        CniResult result = await networks.AddAsync(CniSandbox.Pod(), default);

        JsonElement input = _sandbox.Input("second", "ADD");
        Assert.Equal("0.4.0", input.GetProperty("cniVersion").GetString());
        Assert.Equal("podnet", input.GetProperty("name").GetString());
        Assert.Equal("0.4.0", input.GetProperty("prevResult").GetProperty("cniVersion").GetString());
        Assert.Equal("4", input.GetProperty("prevResult").GetProperty("ips")[0].GetProperty("version").GetString());
        Assert.False(_sandbox.Input("main", "ADD").TryGetProperty("prevResult", out _));
        Assert.Equal("10.9.0.6", Assert.Single(result.PodIps).ToString());
    }

    [Fact]
    public async Task Only_declared_capabilities_reach_a_plugin()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.GoodPlugin("ports");
        _sandbox.Conf("10.conflist", """
            {"cniVersion":"1.0.0","name":"podnet","plugins":[{"type":"main","capabilities":{"ips":false}},{"type":"ports","capabilities":{"portMappings":true,"bandwidth":true,"mac":true,"aliases":true,"cgroupPath":true,"dns":true}}]}
            """);
        using CniNetworks networks = _sandbox.Open();

        await networks.AddAsync(
            CniSandbox.Pod() with
            {
                PortMappings = [new PortMapping(8080, 80), new PortMapping(0, 81)],
                Bandwidth = new BandwidthLimits(1000, 2000, 3000, 4000),
                Dns = new DnsSettings(["1.1.1.1"], ["shop.svc"], ["ndots:5"]),
                Ips = ["10.9.0.7/24"],
                Aliases = ["www"],
                CgroupPath = "/kubepods/x",
            },
            default);

        Assert.False(_sandbox.Input("main", "ADD").TryGetProperty("runtimeConfig", out _));
        JsonElement given = _sandbox.Input("ports", "ADD").GetProperty("runtimeConfig");
        Assert.Equal("""[{"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""}]""", given.GetProperty("portMappings").GetRawText());
        Assert.Equal("""{"ingressRate":1000,"ingressBurst":2000,"egressRate":3000,"egressBurst":4000}""", given.GetProperty("bandwidth").GetRawText());
        Assert.Equal("""{"servers":["1.1.1.1"],"searches":["shop.svc"],"options":["ndots:5"]}""", given.GetProperty("dns").GetRawText());
        Assert.Equal("www", given.GetProperty("aliases")[0].GetString());
        Assert.Equal("/kubepods/x", given.GetProperty("cgroupPath").GetString());
        Assert.False(given.TryGetProperty("ips", out _));
        Assert.False(given.TryGetProperty("mac", out _));
    }

    [Fact]
    public async Task The_result_is_recorded_in_libcnis_format()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();

        await networks.AddAsync(CniSandbox.Pod() with { Mac = "aa:00:00:00:00:09" }, default);

        Assert.Equal(["podnet-c0ffee-eth0"], _sandbox.CachedFiles);
        string path = Path.Combine(_sandbox.CacheDir, "results", "podnet-c0ffee-eth0");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        JsonElement record = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        Assert.Equal("cniCacheV1", record.GetProperty("kind").GetString());
        Assert.Equal("c0ffee", record.GetProperty("containerId").GetString());
        Assert.Equal("eth0", record.GetProperty("ifName").GetString());
        Assert.Equal("podnet", record.GetProperty("networkName").GetString());
        Assert.Equal("/proc/self/ns/net", record.GetProperty("netns").GetString());
        Assert.Equal("""["K8S_POD_NAMESPACE","shop"]""", record.GetProperty("cniArgs")[1].GetRawText());
        Assert.Equal("aa:00:00:00:00:09", record.GetProperty("capabilityArgs").GetProperty("mac").GetString());
        Assert.Equal("10.9.0.5/24", record.GetProperty("result").GetProperty("ips")[0].GetProperty("address").GetString());
        JsonElement config = JsonDocument.Parse(record.GetProperty("config").GetBytesFromBase64()).RootElement;
        Assert.Equal("main", config.GetProperty("plugins")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_failure_in_the_chain_is_undone_in_every_plugin_and_forgotten()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Plugin("bad", "[ \"$CNI_COMMAND\" != ADD ] || { echo '{\"cniVersion\":\"1.0.0\",\"code\":111,\"msg\":\"no such luck\",\"details\":\"really\"}'; exit 1; }");
        _sandbox.Network("podnet", "1.0.0", "main", "bad");
        using CniNetworks networks = _sandbox.Open();

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(), default));

        Assert.Equal("CNI ADD for pod shop/web on network \"podnet\": plugin \"bad\" failed: no such luck (code 111): really", e.Message);
        Assert.Equal((CniFailure.PluginError, 111, "bad", "podnet", "shop/web"), (e.Failure, e.Code, e.Plugin, e.Network, e.Pod));
        Assert.Equal(["ADD main", "ADD bad", "DEL bad", "DEL main"], _sandbox.Calls);
        Assert.Empty(_sandbox.CachedFiles);
    }

    [Fact]
    public async Task When_undoing_fails_too_the_attachment_stays_recorded_and_a_later_Del_removes_it()
    {
        _sandbox.Plugin("bad", "[ -e \"$dir/repaired\" ] || { echo '{\"code\":100,\"msg\":\"broken\"}'; exit 1; }");
        _sandbox.Network("podnet", "1.0.0", "bad");
        using CniNetworks networks = _sandbox.Open();

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(), default));

        Assert.Contains("a later DEL is owed", e.Message, StringComparison.Ordinal);
        Assert.Single(_sandbox.CachedFiles);
        File.WriteAllText(Path.Combine(_sandbox.CallDir, "repaired"), "");
        await networks.DelAsync(CniSandbox.Pod(), default);
        Assert.Empty(_sandbox.CachedFiles);
    }

    [Fact]
    public async Task A_cancelled_Add_kills_the_plugin_and_is_undone()
    {
        _sandbox.Plugin("slow", "[ \"$CNI_COMMAND\" != ADD ] || sleep 60");
        _sandbox.Network("podnet", "1.0.0", "slow");
        using CniNetworks networks = _sandbox.Open();
        using CancellationTokenSource impatient = new(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => networks.AddAsync(CniSandbox.Pod(), impatient.Token));

        Assert.Equal(["ADD slow", "DEL slow"], _sandbox.Calls);
        Assert.Empty(_sandbox.CachedFiles);
    }

    [Fact]
    public async Task Pods_are_attached_in_parallel()
    {
        // Each ADD ends only when all four have begun.
        _sandbox.Plugin("meet", $"touch \"$dir/$CNI_CONTAINERID\"; while [ \"$(ls \"$dir\" | grep -c ^pod)\" -lt 4 ]; do sleep 0.01; done; echo '{CniSandbox.Result}'");
        _sandbox.Network("podnet", "1.0.0", "meet");
        using CniNetworks networks = _sandbox.Open();

        CniResult[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => networks.AddAsync(CniSandbox.Pod($"pod{i}"), default)));

        Assert.Equal(4, results.Length);
        Assert.Equal(4, _sandbox.CachedFiles.Length);
    }

    [Theory]
    [InlineData("a;K8S_POD_NAMESPACE=kube-system")]
    [InlineData("a=b")]
    [InlineData("a\0b")]
    public async Task A_pod_name_that_would_smuggle_arguments_is_refused(string name)
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod() with { PodName = name }, default));

        Assert.Equal(CniFailure.InvalidRequest, e.Failure);
        Assert.Empty(_sandbox.Calls);
    }

    [Theory]
    [InlineData("../../etc/passwd", "eth0")]
    [InlineData("", "eth0")]
    [InlineData("c0ffee", "../x")]
    [InlineData("c0ffee", "an-interface-name-too-long")]
    public async Task Ids_and_interface_names_that_are_none_are_refused(string id, string ifName)
    {
        using CniNetworks networks = _sandbox.Open();
        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(id) with { IfName = ifName }, default));
        Assert.Equal(CniFailure.InvalidRequest, e.Failure);
    }
}
