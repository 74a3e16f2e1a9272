using CriRuntime.Streaming.Http;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.RemoteCommand;

/// <summary>
/// Exec and attach over SPDY: the client opens one stream for each channel, named by its header <c>streamtype</c>, and the command starts
/// when all that belong to the request are there.
/// </summary>
internal sealed class SpdyRemoteCommand : ISpdyStreamAcceptor
{
    private const string StreamType = "streamtype";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SpdyStream> _streams = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing;
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RemoteCommandOptions _options;
    private readonly string _protocol;

    private SpdyRemoteCommand(RemoteCommandOptions options, string protocol)
    {
        _options = options;
        _protocol = protocol;
        _missing = ["error"];
        Expect(options.Stdin, "stdin");
        Expect(options.Stdout, "stdout");
        Expect(options.HasStderr, "stderr");
        Expect(options.Tty && RemoteCommandProtocol.HasResizeOverSpdy(protocol), "resize");
    }

    internal static async Task ServeAsync(HttpContextUpgrade upgrade, RemoteCommandOptions options, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions streaming)
    {
        SpdyRemoteCommand command = new(options, upgrade.Protocol);
        SpdyConnection connection = new(upgrade.Transport, SpdyRole.Server, command, streaming);
        Task reading = connection.RunAsync();
        try
        {
            await command.RunAsync(connection, run, streaming);
        }
        finally
        {
            await connection.CloseAsync();
            await reading;
        }
    }

    bool ISpdyStreamAcceptor.MayOpen(SpdyStream stream) =>
        stream.Headers.TryGetValue(StreamType, out string? type)
        && type is "error" or "stdin" or "stdout" or "stderr" or "resize"
        && !_streams.ContainsKey(type);

    void ISpdyStreamAcceptor.Opened(SpdyStream stream)
    {
        string type = stream.Headers[StreamType];
        bool expected;
        bool complete;
        lock (_gate)
        {
            _streams.Add(type, stream);
            expected = _missing.Remove(type);
            complete = _missing.Count == 0;
        }

        // Only stdin and resize are read; and of a stream that the request does not have, nothing is used.
        if (!expected || type is "error" or "stdout" or "stderr")
            stream.Received.Abandon();
        if (!expected || (type == "stdin" && _protocol == RemoteCommandProtocol.V1))
            stream.Complete();
        if (complete)
            _complete.TrySetResult();
    }

    private void Expect(bool wanted, string type)
    {
        if (wanted)
            _missing.Add(type);
    }

    private async Task RunAsync(SpdyConnection connection, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions streaming)
    {
        try
        {
            await _complete.Task.WaitAsync(streaming.StreamCreationTimeout, streaming.Clock, connection.Closed);
        }
        catch (TimeoutException)
        {
            streaming.Report?.Invoke($"A client did not open its streams ({string.Join(", ", _missing)}) within {streaming.StreamCreationTimeout}.", null);
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        RemoteCommandChannels channels = new(_streams["error"], Of("stdin", _options.Stdin), Of("stdout", _options.Stdout), Of("stderr", _options.HasStderr), Of("resize", _options.Tty));
        await RemoteCommandSession.RunAsync(channels, RemoteCommandProtocol.HasJsonStatus(_protocol), run, streaming, connection.Closed);
    }

    private SpdyStream? Of(string type, bool wanted)
    {
        lock (_gate)
            return wanted ? _streams.GetValueOrDefault(type) : null;
    }
}
