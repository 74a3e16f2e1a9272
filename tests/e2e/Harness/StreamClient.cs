using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace CriRuntime.E2e.Harness;

/// <summary>kubectl's side of an exec or attach, by the protocol v5.channel.k8s.io over the BCL's WebSocket.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private const byte Stdin = 0;
    private const byte Resize = 4;
    private const byte CloseChannel = 255;

    private readonly ClientWebSocket _socket = new();
    private readonly StringBuilder[] _received = [new(), new(), new(), new()];
    private Task _receiving = Task.CompletedTask;

    /// <summary>What came on stdout so far.</summary>
    internal string Stdout => Received(1);

    internal string Stderr => Received(2);

    /// <summary>Claims the URL that Exec or Attach answered.</summary>
    internal static async Task<StreamClient> ConnectAsync(string url)
    {
        StreamClient client = new();
        client._socket.Options.AddSubProtocol("v5.channel.k8s.io");
        UriBuilder address = new(url) { Scheme = url.StartsWith("https", StringComparison.Ordinal) ? "wss" : "ws" };
        // Signed by nobody; a test makes it for this name.
        client._socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=127.0.0.1";
        await client._socket.ConnectAsync(address.Uri, Wait.Limit);
        client._receiving = client.ReceiveAsync();
        return client;
    }

    internal Task SendAsync(string text) => SendAsync(Stdin, Encoding.UTF8.GetBytes(text));

    internal Task ResizeAsync(int width, int height) => SendAsync(Resize, Encoding.UTF8.GetBytes($"{{\"Width\":{width},\"Height\":{height}}}"));

    internal Task CloseStdinAsync() => SendAsync(CloseChannel, [Stdin]);

    internal Task SeesAsync(string text) => Wait.UntilAsync($"'{text}' to come, after: {Stdout}", () => Stdout.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits for the end.</summary>
    /// <returns>The metav1.Status: its exit code (0 for Success), and its message.</returns>
    internal async Task<(int ExitCode, string Message)> EndAsync()
    {
        await _receiving.WaitAsync(Wait.Limit);
        JsonNode status = JsonNode.Parse(Received(3)) ?? throw new InvalidDataException("the session ended without a status");
        if ((string?)status["status"] == "Success")
            return (0, "");
        string? code = (string?)status["details"]?["causes"]?.AsArray().FirstOrDefault(cause => (string?)cause!["reason"] == "ExitCode")?["message"];
        return (code is null ? -1 : int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), (string?)status["message"] ?? "");
    }

    /// <summary>Goes without a word, as a client that is killed.</summary>
    internal void Vanish() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
    }

    private Task SendAsync(byte channel, byte[] payload) =>
        _socket.SendAsync((byte[])[channel, .. payload], WebSocketMessageType.Binary, endOfMessage: true, Wait.Limit);

    private string Received(int channel)
    {
        lock (_received)
            return _received[channel].ToString();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[64 << 10];
        int channel = -1;
        while (_socket.State == WebSocketState.Open)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return;
            }

            int start = channel < 0 ? 1 : 0;
            if (channel < 0 && part.Count > 0)
                channel = buffer[0];
            lock (_received)
            {
                if (channel is > 0 and < 4)
                    _received[channel].Append(Encoding.UTF8.GetString(buffer, start, Math.Max(0, part.Count - start)));
            }

            if (part.EndOfMessage)
                channel = -1;
        }
    }
}
