using System.Net;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Http;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Client;

/// <summary>The client's side of a SPDY connection, as kubectl and crictl have it: opens streams, never honours windows.</summary>
internal sealed class SpdyClient : ISpdyStreamAcceptor, IAsyncDisposable
{
    private readonly Task _reading;

    internal SpdyClient(IUpgradedTransport transport, string protocol, StreamingOptions? options = null)
    {
        Protocol = protocol;
        Connection = new SpdyConnection(transport, SpdyRole.Client, this, options ?? new StreamingOptions { LingerTimeout = TimeSpan.FromMilliseconds(50) });
        _reading = RunAsync(transport);
    }

    internal string Protocol { get; }

    internal SpdyConnection Connection { get; }

    /// <summary>Ends when the server closes the connection.</summary>
    internal Task Ended => _reading;

    internal static async Task<SpdyClient> ConnectAsync(EndPoint server, string path, CancellationToken token, params string[] protocols)
    {
        UpgradeResponse response = await UpgradeDialer.DialAsync(server, path, "POST", [("Upgrade", "SPDY/3.1"), .. protocols.Select(p => ("X-Stream-Protocol-Version", p))], token);
        if (response.Status != 101)
        {
            response.Dispose();
            throw new IOException($"The server answered {response.Status}.");
        }

        return new SpdyClient(new SocketTransport(response.Socket), response.Headers.GetValueOrDefault("X-Stream-Protocol-Version", ""));
    }

    /// <summary>Opens a stream and waits until the server has taken it.</summary>
    internal async Task<SpdyStream> OpenAsync(CancellationToken token, params (string Name, string Value)[] headers)
    {
        SpdyStream stream = Connection.Open(headers.ToDictionary(h => h.Name, h => h.Value));
        await stream.Replied.Task.WaitAsync(token);
        return stream;
    }

    /// <summary>Opens the pair of streams of one forwarded connection; the error stream is half-closed at once, as client-go does.</summary>
    internal async Task<(SpdyStream Data, SpdyStream Error)> ForwardAsync(int port, int request, CancellationToken token)
    {
        SpdyStream error = await OpenAsync(token, ("streamtype", "error"), ("port", $"{port}"), ("requestid", $"{request}"));
        error.Complete();
        SpdyStream data = await OpenAsync(token, ("streamtype", "data"), ("port", $"{port}"), ("requestid", $"{request}"));
        return (data, error);
    }

    /// <summary>All that comes until the end of a channel.</summary>
    internal static async Task<byte[]> ReadToEndAsync(StreamChannel channel, CancellationToken token)
    {
        using MemoryStream all = new();
        using ChannelInput input = new(channel);
        await input.CopyToAsync(all, token);
        return all.ToArray();
    }

    private async Task RunAsync(IUpgradedTransport transport)
    {
        await Connection.RunAsync();
        transport.Abort();
    }

    bool ISpdyStreamAcceptor.MayOpen(SpdyStream stream) => false;

    void ISpdyStreamAcceptor.Opened(SpdyStream stream)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.CloseAsync();
        await _reading;
    }
}
