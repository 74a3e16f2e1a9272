using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Streaming;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Streaming;

public sealed class IssueStreamsTests : IAsyncLifetime
{
    private static readonly StreamSelection Output = new(Stdin: false, Stdout: true, Stderr: true, Terminal: false);

    private readonly Daemon _daemon = new();

    public async ValueTask InitializeAsync() => await _daemon.Streaming.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _daemon.Streaming.StopAsync(CancellationToken.None);
        await _daemon.Streaming.DisposeAsync();
        _daemon.Dispose();
    }

    [Fact]
    public async Task An_exec_is_answered_with_a_URL_on_loopback_that_carries_an_unguessable_token()
    {
        (_, string container) = await _daemon.RunningAsync();
        Uri first = _daemon.IssueStreams.Exec(container, ["true"], Output);
        Uri second = _daemon.IssueStreams.Exec(container, ["true"], Output);
        Assert.True(first.IsLoopback);
        Assert.StartsWith("/exec/", first.AbsolutePath, StringComparison.Ordinal);
        Assert.True(first.Segments[^1].Length >= 22, "128 bits in base64url");
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task Streams_that_contradict_one_another_are_refused()
    {
        (_, string container) = await _daemon.RunningAsync();
        AssertRefused(CriErrorKind.InvalidArgument, "stdin, stdout and stderr", () => _daemon.IssueStreams.Exec(container, ["true"], new(false, false, false, false)));
        AssertRefused(CriErrorKind.InvalidArgument, "tty and stderr", () => _daemon.IssueStreams.Exec(container, ["true"], new(true, true, true, true)));
        AssertRefused(CriErrorKind.InvalidArgument, "without a terminal", () => _daemon.IssueStreams.Attach(container, new(false, true, false, true)));
        AssertRefused(CriErrorKind.FailedPrecondition, "without stdin", () => _daemon.IssueStreams.Attach(container, new(true, true, true, false)));
    }

    [Fact]
    public async Task What_does_not_exist_or_does_not_run_has_no_streams()
    {
        (string pod, string container) = await _daemon.RunningAsync();
        AssertRefused(CriErrorKind.NotFound, "nosuch", () => _daemon.IssueStreams.Exec("nosuch", ["true"], Output));
        AssertRefused(CriErrorKind.InvalidArgument, "cmd", () => _daemon.IssueStreams.Exec(container, [], Output));
        AssertRefused(CriErrorKind.NotFound, "nosuch", () => _daemon.IssueStreams.PortForward("nosuch", []));
        AssertRefused(CriErrorKind.InvalidArgument, "65536", () => _daemon.IssueStreams.PortForward(pod, [65536]));
        await _daemon.Stop.ExecuteAsync(container, 0, CancellationToken.None);
        AssertRefused(CriErrorKind.FailedPrecondition, "Exited", () => _daemon.IssueStreams.Exec(container, ["true"], Output));
        AssertRefused(CriErrorKind.FailedPrecondition, "Exited", () => _daemon.IssueStreams.Attach(container, Output));
    }

    [Fact]
    public async Task A_URL_that_nobody_was_given_opens_nothing()
    {
        (_, string container) = await _daemon.RunningAsync();
        Uri issued = _daemon.IssueStreams.Exec(container, ["true"], Output);
        using HttpClient client = new() { BaseAddress = new Uri(issued, "/") };
        foreach (string path in (string[])["/", "/exec/", "/exec/AAAA", "/exec/../exec/x", "/metrics"])
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(404, (int)response.StatusCode);
        }
    }

    private static void AssertRefused(CriErrorKind kind, string word, Func<Uri> issue)
    {
        CriException refusal = Assert.Throws<CriException>(issue);
        Assert.Equal(kind, refusal.Kind);
        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
    }
}
