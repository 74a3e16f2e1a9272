using System.Buffers.Binary;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Tests.Spdy;

/// <summary>
/// A client that does flow control by the letter (SPDY/3.1 draft, 2.6.8), as spdystream does not: it announces its window, counts what comes against it,
/// resets a stream that goes beyond, and sends no more than the server's window allows. Frames by hand, one reader.
/// </summary>
internal sealed class StrictPeer : IFrameReceiver, IDisposable
{
    private const int InitialWindow = 64 * 1024;
    private readonly UpgradeResponse _connection;
    private readonly ControlQueue _control = new();
    private readonly FrameParser _parser;
    private readonly Dictionary<uint, int> _receiveWindow = [];
    private readonly Dictionary<uint, int> _sendWindow = [];
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _filled;
    private int _window = InitialWindow;
    private uint _lastId;

    private StrictPeer(UpgradeResponse connection)
    {
        _connection = connection;
        _parser = new FrameParser(this);
    }

    /// <summary>Streams on which the server sent more than it may.</summary>
    internal HashSet<uint> Overrun { get; } = [];

    internal Dictionary<uint, MemoryStream> Received { get; } = [];

    internal HashSet<uint> Ended { get; } = [];

    internal Dictionary<uint, ResetStatus> Reset { get; } = [];

    internal int WindowUpdates { get; private set; }

    internal static async Task<StrictPeer> ConnectAsync(StreamingServer server, CancellationToken token) => new(await UpgradeDialer.DialAsync(
        server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v4.channel.k8s.io")], token));

    /// <summary>SETTINGS_INITIAL_WINDOW_SIZE: of streams to come, and by the difference of those that are open.</summary>
    internal async Task AnnounceAsync(int window, CancellationToken token)
    {
        byte[] frame = new byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(frame, 0x8003_0004);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), 12);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(12), 7);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(16), window);
        foreach (uint id in _receiveWindow.Keys)
            _receiveWindow[id] += window - _window;
        _window = window;
        await SendAsync(frame, token);
    }

    internal async Task<uint> OpenAsync(string type, CancellationToken token)
    {
        uint id = _lastId == 0 ? 1 : _lastId + 2;
        _lastId = id;
        _receiveWindow[id] = _window;
        _sendWindow[id] = InitialWindow;
        Received[id] = new MemoryStream();
        _control.SynStream(id, FrameFlags.None, new Dictionary<string, string> { ["streamtype"] = type });
        await SendAsync(_control.Take(), token);
        return id;
    }

    internal async Task CreditAsync(uint id, int bytes, CancellationToken token)
    {
        _receiveWindow[id] = (int)Math.Min(int.MaxValue, (long)_receiveWindow[id] + bytes);
        _control.WindowUpdate(id, bytes);
        await SendAsync(_control.Take(), token);
    }

    /// <summary>Sends all, within the server's window: waits for its WINDOW_UPDATEs where that is used up. Half-closes at the end.</summary>
    internal async Task SendAllAsync(uint id, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty)
        {
            while (_sendWindow[id] == 0)
                await ReceiveAsync(token);
            int count = Math.Min(Math.Min(bytes.Length, 16 * 1024), _sendWindow[id]);
            byte[] frame = new byte[FrameParser.HeaderSize + count];
            ControlQueue.WriteDataHeader(frame, id, FrameFlags.None, count);
            bytes.Span[..count].CopyTo(frame.AsSpan(FrameParser.HeaderSize));
            await SendAsync(frame, token);
            _sendWindow[id] -= count;
            bytes = bytes[count..];
        }

        _control.Fin(id);
        await SendAsync(_control.Take(), token);
    }

    internal async Task ResetAsync(uint id, CancellationToken token)
    {
        _control.RstStream(id, ResetStatus.Cancel);
        await SendAsync(_control.Take(), token);
    }

    internal async Task GoAwayAsync(CancellationToken token)
    {
        _control.GoAway(0, 0);
        await SendAsync(_control.Take(), token);
    }

    /// <summary>Takes in what comes until a condition holds.</summary>
    internal async Task ReceiveUntilAsync(Func<bool> condition, CancellationToken token)
    {
        while (!condition())
            await ReceiveAsync(token);
    }

    /// <summary>Whatever comes within a moment.</summary>
    internal async Task ReceiveForAsync(TimeSpan time)
    {
        using CancellationTokenSource over = new(time);
        try
        {
            while (true)
                await ReceiveAsync(over.Token);
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    public void OnData(uint streamId, ReadOnlySpan<byte> payload, bool fin)
    {
        Received[streamId].Write(payload);
        _receiveWindow[streamId] -= payload.Length;
        if (payload.Length > 0 && _receiveWindow[streamId] < 0 && Overrun.Add(streamId))
            _control.RstStream(streamId, ResetStatus.FlowControlError);
        if (fin)
            Ended.Add(streamId);
    }

    public void OnSynStream(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock) => Assert.Fail("a server opens no streams");

    public void OnSynReply(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
    {
    }

    public void OnHeaders(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
    {
    }

    public void OnRstStream(uint streamId, ResetStatus status) => Reset[streamId] = status;

    public void OnInitialWindow(int initialWindow) => Assert.Fail("the server announced no window before");

    public void OnPing(uint id)
    {
    }

    public void OnGoAway(uint lastGoodStreamId)
    {
    }

    public void OnWindowUpdate(uint streamId, int delta)
    {
        WindowUpdates++;
        _sendWindow[streamId] += delta;
    }

    public void Dispose()
    {
        _control.Dispose();
        _connection.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken token)
    {
        int count = await _connection.Socket.ReceiveAsync(_buffer.AsMemory(_filled), token);
        Assert.True(count > 0, "the server closed the connection");
        _filled += count;
        int used = _parser.Consume(_buffer.AsSpan(0, _filled));
        _buffer.AsSpan(used, _filled - used).CopyTo(_buffer);
        _filled -= used;
        if (!_control.IsEmpty)
            await SendAsync(_control.Take(), token);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _connection.Socket.SendAsync(bytes, token)..];
    }
}
