using System.Text;
using System.Text.Json;
using CriRuntime.CriServer.Configuration;
using Microsoft.Extensions.Logging;

namespace CriRuntime.CriServer.Observability.Tests;

public sealed class LineLoggerTests : IDisposable
{
    private readonly MemoryStream _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public void A_text_line_carries_level_message_and_scope_and_repeats_nothing()
    {
        ILogger logger = Create("text", "info");
        using (logger.BeginScope(new KeyValuePair<string, object?>[] { new("Method", "RunPodSandbox"), new("ConnectionId", "0HN") }))
            logger.LogInformation("pod {Pod} is ready in {Milliseconds} ms", "abc", 12);
        string line = Written();
        Assert.Contains("level=info source=Pods msg=\"pod abc is ready in 12 ms\" Method=RunPodSandbox\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_cannot_forge_a_second_line()
    {
        Create("text", "info").LogInformation("image {Image}", "x\nlevel=error msg=\"forged\"");
        Assert.Equal(1, Written().Count(c => c == '\n'));
        Assert.Contains("\\n", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_json_line_is_one_valid_object()
    {
        Create("json", "info").LogWarning(new InvalidOperationException("why"), "pod {Pod} failed\n", "a\"b");
        JsonElement line = JsonDocument.Parse(Written()).RootElement;
        Assert.Equal("warning", line.GetProperty("level").GetString());
        Assert.Equal("a\"b", line.GetProperty("Pod").GetString());
        Assert.Contains("why", line.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, Written().Count(c => c == '\n'));
    }

    [Fact]
    public void Records_below_the_level_are_not_written()
    {
        ILogger logger = Create("text", "warning");
        logger.LogInformation("quiet");
        Assert.False(logger.IsEnabled(LogLevel.Information));
        Assert.Empty(Written());
    }

    private ILogger Create(string format, string level) =>
        new LineLoggerProvider(_output, new LogConfiguration { Format = format, Level = level }, TimeProvider.System).CreateLogger("CriRuntime.CriServer.Pods");

    private string Written() => Encoding.UTF8.GetString(_output.ToArray());
}
