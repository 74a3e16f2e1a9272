namespace CriRuntime.Cni.Tests.Operations;

public sealed class GcTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Stale_attachments_get_their_Del_and_plugins_hear_which_are_valid()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.1.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod("keep"), default);
        await networks.AddAsync(CniSandbox.Pod("stale"), default);

        await networks.GcAsync([new CniAttachmentId("keep")], default);

        Assert.Equal(["DEL main", "GC main"], _sandbox.Calls[2..]);
        Assert.Contains("ID=stale", _sandbox.Variables("main", "DEL"), StringComparison.Ordinal);
        Assert.Equal("""[{"containerID":"keep","ifname":"eth0"}]""", _sandbox.Input("main", "GC").GetProperty("cni.dev/valid-attachments").GetRawText());
        Assert.Equal(["podnet-keep-eth0"], _sandbox.CachedFiles);
    }

    [Fact]
    public async Task Before_1_1_only_the_Dels_are_made()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.0.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod("stale"), default);
        await networks.GcAsync([], default);
        Assert.Equal(["ADD main", "DEL main"], _sandbox.Calls);
    }

    [Fact]
    public async Task DisableGC_is_obeyed()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Conf("10.conflist", """{"cniVersion":"1.1.0","name":"podnet","disableGC":true,"plugins":[{"type":"main"}]}""");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod("stale"), default);
        await networks.GcAsync([], default);
        Assert.Equal(["ADD main"], _sandbox.Calls);
    }

    [Fact]
    public async Task Every_failure_is_told_and_stops_nothing()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Network("podnet", "1.1.0", "main");
        using CniNetworks networks = _sandbox.Open();
        await networks.AddAsync(CniSandbox.Pod("one"), default);
        await networks.AddAsync(CniSandbox.Pod("two"), default);
        _sandbox.Plugin("main", "[ \"$CNI_COMMAND\" = DEL ] || exit 0; echo \"{\\\"code\\\":100,\\\"msg\\\":\\\"bad $CNI_CONTAINERID\\\"}\"; exit 1");

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.GcAsync([], default));

        Assert.Contains("bad one", e.Message, StringComparison.Ordinal);
        Assert.Contains("bad two", e.Message, StringComparison.Ordinal);
        Assert.Equal("GC main", _sandbox.Calls[^1]);
        Assert.Equal(2, _sandbox.CachedFiles.Length);
    }

    [Fact]
    public async Task Plugins_collect_only_while_no_Add_runs_and_do_not_hold_one_up()
    {
        _sandbox.Plugin("main", $"[ \"$CNI_COMMAND\" = ADD ] || exit 0; while [ ! -e \"$dir/go\" ]; do sleep 0.01; done; echo '{CniSandbox.Result}'");
        _sandbox.Network("podnet", "1.1.0", "main");
        using CniNetworks networks = _sandbox.Open();
        Task<CniResult> add = networks.AddAsync(CniSandbox.Pod(), default);

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.GcAsync([new CniAttachmentId("c0ffee")], default));

        Assert.Equal(CniFailure.TimedOut, e.Failure);
        await File.WriteAllTextAsync(Path.Combine(_sandbox.CallDir, "go"), "");
        await add;
        await networks.GcAsync([new CniAttachmentId("c0ffee")], default);
        Assert.Equal(["ADD main", "GC main"], _sandbox.Calls);
    }
}
