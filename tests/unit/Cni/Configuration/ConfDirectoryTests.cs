namespace CriRuntime.Cni.Tests.Configuration;

public sealed class ConfDirectoryTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public ConfDirectoryTests() => _sandbox.GoodPlugin("main");

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void An_empty_or_absent_directory_is_the_reason_and_a_file_that_appears_is_seen_at_once()
    {
        using CniNetworks networks = _sandbox.Open();
        Directory.Delete(_sandbox.ConfDir);
        Assert.Equal(new CniReadiness(false, $"no network configuration in {_sandbox.ConfDir}; install a network plugin", null), networks.Readiness);
        Directory.CreateDirectory(_sandbox.ConfDir);
        Assert.False(networks.Readiness.Ready);
        _sandbox.Network("podnet", "1.0.0", "main");
        Assert.Equal(new CniReadiness(true, "", "podnet"), networks.Readiness);
        File.Delete(Path.Combine(_sandbox.ConfDir, "10-net.conflist"));
        Assert.False(networks.Readiness.Ready);
    }

    [Fact]
    public void The_first_file_by_name_is_the_pod_network_and_other_files_are_not_looked_at()
    {
        _sandbox.Conf("20-b.conf", """{"cniVersion":"1.0.0","name":"b","type":"main"}""");
        _sandbox.Conf("05-x.txt", "garbage");
        _sandbox.Conf(".swp", "garbage");
        using CniNetworks networks = _sandbox.Open();
        Assert.Equal("b", networks.Readiness.Network);
        _sandbox.Conf("10-a.json", """{"cniVersion":"1.0.0","name":"a","type":"main"}""");
        Assert.Equal("a", networks.Readiness.Network);
        Assert.Empty(_sandbox.Warnings);
    }

    [Theory]
    [InlineData("""{"cniVersion":"1.0.0","name":"x","plugins":[""", "not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"name":"x","plugins":[]}""", "no plugins in the list")]
    [InlineData("""{"plugins":[{"type":"main"}]}""", "no \"name\"")]
    [InlineData("""{"name":"../x","plugins":[{"type":"main"}]}""", "is not a network name")]
    [InlineData("""{"name":"x","plugins":[{"type":"../main"}]}""", "is not a plain file name")]
    [InlineData("""{"name":"x","plugins":[{"type":7}]}""", "a plugin has no \"type\"")]
    [InlineData("""{"name":"x","plugins":["main"]}""", "a plugin is not a JSON object")]
    [InlineData("""{"name":"x","cniVersion":"9.0.0","plugins":[{"type":"main"}]}""", "cniVersion 9.0.0 is not supported")]
    [InlineData("""{"name":"x","plugins":[{"type":"absent"}]}""", "needs the plugin absent, not found in")]
    [InlineData("""{"name":"x","disableCheck":"maybe","plugins":[{"type":"main"}]}""", "\"disableCheck\" is neither true nor false")]
    [InlineData("""{"name":"x","type":"main"}""", "belongs into a .conf file")]
    public void A_broken_file_is_named_with_its_error_and_the_next_one_is_used(string json, string error)
    {
        _sandbox.Conf("10-broken.conflist", json);
        using CniNetworks networks = _sandbox.Open();

        CniReadiness alone = networks.Readiness;
        _sandbox.Conf("20-good.conf", """{"cniVersion":"1.0.0","name":"good","type":"main"}""");

        Assert.False(alone.Ready);
        Assert.Contains("10-broken.conflist: ", alone.Reason, StringComparison.Ordinal);
        Assert.Contains(error, alone.Reason, StringComparison.Ordinal);
        Assert.Equal(new CniReadiness(true, "", "good"), networks.Readiness);
        Assert.Contains(error, Assert.Single(_sandbox.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_loopback_configuration_is_never_the_pod_network()
    {
        _sandbox.Conf("00-loopback.conf", """{"cniVersion":"1.0.0","name":"lo","type":"loopback"}""");
        using CniNetworks networks = _sandbox.Open();
        Assert.False(networks.Readiness.Ready);
        _sandbox.Network("podnet", "1.0.0", "main");
        Assert.Equal("podnet", networks.Readiness.Network);
    }

    [Fact]
    public void A_plugin_that_is_installed_later_makes_the_network_ready()
    {
        _sandbox.Network("podnet", "1.0.0", "late");
        using CniNetworks networks = _sandbox.Open();
        Assert.False(networks.Readiness.Ready);
        _sandbox.GoodPlugin("late");
        Assert.True(networks.Readiness.Ready);
        File.Delete(Path.Combine(_sandbox.BinDir, "late"));
        Assert.False(networks.Readiness.Ready);
    }

    [Fact]
    public async Task A_missing_plugin_is_named_to_the_pod_that_needs_it()
    {
        _sandbox.Network("podnet", "1.0.0", "main", "absent");
        using CniNetworks networks = _sandbox.Open();
        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(), default));
        Assert.Equal(CniFailure.NoNetwork, e.Failure);
        Assert.Contains("for pod shop/web", e.Message, StringComparison.Ordinal);
        Assert.Contains("network \"podnet\" needs the plugin absent", e.Message, StringComparison.Ordinal);
        Assert.Empty(_sandbox.Calls);
    }

    [Fact]
    public async Task The_highest_common_version_is_spoken()
    {
        _sandbox.Conf("10.conflist", """{"cniVersion":"0.4.0","cniVersions":["1.0.0","9.9.9","0.3.1"],"name":"podnet","plugins":[{"type":"main"}]}""");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod(), default);
        Assert.Equal("1.0.0", _sandbox.Input("main", "ADD").GetProperty("cniVersion").GetString());
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("\"loadOnlyInlinedPlugins\":true,", 1)]
    public async Task Plugins_beside_the_list_are_loaded_unless_it_says_otherwise(string flag, int calls)
    {
        _sandbox.GoodPlugin("extra");
        Directory.CreateDirectory(Path.Combine(_sandbox.ConfDir, "podnet"));
        _sandbox.Conf("podnet/10-extra.conf", """{"type":"extra"}""");
        _sandbox.Conf("10.conflist", $$"""{"cniVersion":"1.0.0",{{flag}}"name":"podnet","plugins":[{"type":"main"}]}""");
        using CniNetworks networks = _sandbox.Open();

        await networks.AddAsync(CniSandbox.Pod(), default);
        Assert.Equal(calls, _sandbox.Calls.Length);

        // The record holds them all, whatever becomes of the directory.
        Directory.Delete(Path.Combine(_sandbox.ConfDir, "podnet"), recursive: true);
        await networks.DelAsync(CniSandbox.Pod(), default);
        Assert.Equal(2 * calls, _sandbox.Calls.Length);
    }
}
