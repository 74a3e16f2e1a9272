using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Http;

namespace CriRuntime.Streaming.WebSockets;

/// <summary>A WebSocket whose messages belong to numbered channels. One task reads (<see cref="RunAsync"/>), any number write.</summary>
internal sealed class ChannelWebSocket : IChannelReceiver, IAsyncDisposable
{
    private const int ReadBufferSize = 64 * 1024;
    private readonly UpgradedWebSocket _upgrade;
    private readonly StreamingOptions _options;
    private readonly ChannelCodec _codec;
    private readonly ChannelDemultiplexer _demultiplexer;
    private readonly ReceiveBudget _budget;
    private readonly TransportWatch _watch;
    private readonly WebSocketChannel[] _channels;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private Exception? _failure;
    private Task _reading = Task.CompletedTask;
    private volatile bool _closing;

    internal ChannelWebSocket(UpgradedWebSocket upgrade, int channels, ChannelCodec codec, bool closeSignals, StreamingOptions options)
    {
        _upgrade = upgrade;
        _options = options;
        _codec = codec;
        _demultiplexer = new ChannelDemultiplexer(codec, closeSignals, this);
        _budget = new ReceiveBudget(options.StreamReceiveLimit, options.ConnectionReceiveLimit);
        _watch = new TransportWatch(upgrade.Transport, options, _budget, Fail);
        _channels = [.. Enumerable.Range(0, channels).Select(number => new WebSocketChannel(this, (byte)number, _budget))];
    }

    internal IReadOnlyList<WebSocketChannel> Channels => _channels;

    /// <summary>Cancelled when the connection ended, for whatever reason.</summary>
    internal CancellationToken Closed => _closed.Token;

    internal Task RunAsync() => _reading = ReadAsync();

    /// <summary>Sends a close, waits (bounded) for the client's, and ends the connection. Unread input is discarded.</summary>
    internal async Task CloseAsync()
    {
        _closing = true;
        _budget.Lift();
        await SendCloseAsync(WebSocketCloseStatus.NormalClosure);
        try
        {
            await _reading.WaitAsync(_options.LingerTimeout, _options.Clock);
        }
        catch (TimeoutException)
        {
            _upgrade.Transport.Abort();
        }

        await _reading;
        _upgrade.Socket.Dispose();
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    /// <summary>Sends one message; see <see cref="StreamChannel.WriteFramedAsync"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask WriteAsync(WebSocketChannel channel, byte[] buffer, int length, CancellationToken token)
    {
        await _writing.WaitAsync(token);
        try
        {
            _watch.WriteStarts();
            if (_codec == ChannelCodec.Binary)
                await SendBinaryAsync(channel, buffer, length);
            else
                await SendBase64Async(channel, buffer, length);
            _watch.WriteEnds();
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            Fail(e);
            throw new StreamResetException("The client's connection ended.", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    void IChannelReceiver.OnData(int channel, ReadOnlySpan<byte> bytes)
    {
        // Channels that the request does not have are ignored, as Kubernetes' servers do.
        if (channel < _channels.Length && !_closing)
            _channels[channel].Received.Append(bytes);
    }

    void IChannelReceiver.OnClose(int channel)
    {
        if (channel < _channels.Length)
            _channels[channel].Received.Complete();
    }

    private ValueTask SendBinaryAsync(WebSocketChannel channel, byte[] buffer, int length)
    {
        buffer[0] = channel.Number;
        return _upgrade.Socket.SendAsync(buffer.AsMemory(0, 1 + length), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    private async ValueTask SendBase64Async(WebSocketChannel channel, byte[] buffer, int length)
    {
        byte[] text = ArrayPool<byte>.Shared.Rent(1 + Base64.GetMaxEncodedToUtf8Length(length));
        try
        {
            text[0] = (byte)('0' + channel.Number);
            Base64.EncodeToUtf8(buffer.AsSpan(1, length), text.AsSpan(1), out _, out int written);
            await _upgrade.Socket.SendAsync(text.AsMemory(0, 1 + written), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBufferSize);
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult received = await _upgrade.Socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                _watch.Active();
                _demultiplexer.Add(buffer.AsSpan(0, received.Count), received.EndOfMessage);
                await _budget.WaitForRoomAsync();
            }
        }
        catch (ChannelProtocolException e)
        {
            _options.Report?.Invoke("A WebSocket client broke the protocol.", e);
            Task sent = SendCloseAsync(WebSocketCloseStatus.InvalidPayloadData);
            await Task.WhenAny(sent, Task.Delay(_options.LingerTimeout, _options.Clock));
            Fail(e);
            await sent;
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            Fail(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            End();
        }
    }

    private async Task SendCloseAsync(WebSocketCloseStatus status)
    {
        await _writing.WaitAsync();
        try
        {
            if (_upgrade.Socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                _watch.WriteStarts();
                await _upgrade.Socket.CloseOutputAsync(status, null, CancellationToken.None);
                _watch.WriteEnds();
            }
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            Fail(e);
        }
        finally
        {
            _writing.Release();
        }
    }

    private void End()
    {
        _watch.Dispose();
        StreamResetException gone = new("The client's connection ended.", _failure);
        foreach (WebSocketChannel channel in _channels)
            channel.Fail(gone);
        _ = _closed.CancelAsync();
    }

    private void Fail(Exception failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _budget.Lift();
        _upgrade.Transport.Abort();
    }
}
