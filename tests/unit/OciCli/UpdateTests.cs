using System.Text.Json;

namespace CriRuntime.OciCli.Tests;

public sealed class UpdateTests : IDisposable
{
    private readonly Bundle bundle = new();

    public UpdateTests()
    {
        bundle.Create("sleep 60").Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
    }

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void Options_change_the_limits_of_a_live_container()
    {
        bundle.Command("update", "--memory", "64m", "--pids-limit", "33", "--cpu-quota", "20000", "--cpu-period=50000", bundle.Id).Succeeded();
        JsonElement stats = Stats();
        Assert.Equal(64 << 20, stats.GetProperty("memory").GetProperty("usage").GetProperty("limit").GetInt64());
        Assert.Equal(33, stats.GetProperty("pids").GetProperty("limit").GetInt64());
        bundle.Command("update", "--pids-limit", "-1", bundle.Id).Succeeded();
        Assert.False(Stats().GetProperty("pids").TryGetProperty("limit", out _));
    }

    [Fact]
    public void A_file_of_resources_does_the_same()
    {
        string file = Path.Combine(bundle.Directory, "resources.json");
        File.WriteAllText(file, """{ "memory": { "limit": 50331648 }, "pids": { "limit": 21 } }""");
        bundle.Command("update", "--resources", file, bundle.Id).Succeeded();
        Assert.Equal(48 << 20, Stats().GetProperty("memory").GetProperty("usage").GetProperty("limit").GetInt64());
    }

    [Theory]
    [InlineData("--memory", "lots")]
    [InlineData("--memory", "9999999999g")]
    [InlineData("--cpu-shares", "-1")]
    [InlineData("--pids-limit", "1.5")]
    [InlineData("--blkio-weight", "70000")]
    public void Values_that_make_no_sense_are_refused(string option, string value) => bundle.Command("update", option, value, bundle.Id).Failed();

    [Fact]
    public void Statistics_count_what_the_container_uses()
    {
        JsonElement stats = Stats();
        Assert.True(stats.GetProperty("cpu").GetProperty("usage").GetProperty("total").GetInt64() > 0);
        Assert.True(stats.GetProperty("memory").GetProperty("usage").GetProperty("usage").GetInt64() > 0);
        Assert.True(stats.GetProperty("pids").GetProperty("current").GetInt64() > 0);
    }

    [Fact]
    public void Events_tell_of_kills_for_want_of_memory_and_end_with_the_container()
    {
        bundle.Command("update", "--memory", "32m", "--memory-swap", "32m", bundle.Id).Succeeded();
        using System.Diagnostics.Process events = CriOci.Start(CriOci.Path, ["--root", bundle.Root, "events", "--interval", "100ms", bundle.Id]);
        Assert.Contains("\"type\":\"stats\"", events.StandardOutput.ReadLine(), StringComparison.Ordinal);
        Assert.Equal(137, bundle.Command("exec", bundle.Id, "/bin/tail", "-c", "200000000", "/dev/zero").ExitCode);
        string? line;
        do
            line = events.StandardOutput.ReadLine();
        while (line is not null && !line.Contains("\"oom\"", StringComparison.Ordinal));
        Assert.Equal($"{{\"type\":\"oom\",\"id\":\"{bundle.Id}\"}}", line);
        bundle.Command("kill", bundle.Id, "KILL").Succeeded();
        Assert.True(events.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, events.ExitCode);
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("5")]
    [InlineData("fast")]
    public void An_interval_that_is_none_is_refused(string interval) => bundle.Command("events", "--interval", interval, bundle.Id).Failed("--interval", interval);

    private JsonElement Stats()
    {
        JsonElement line = JsonDocument.Parse(bundle.Command("events", "--stats", bundle.Id).Succeeded()).RootElement;
        Assert.Equal("stats", line.GetProperty("type").GetString());
        Assert.Equal(bundle.Id, line.GetProperty("id").GetString());
        return line.GetProperty("data");
    }
}
