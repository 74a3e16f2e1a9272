using CriRuntime.Conmon.Diagnostics;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Connections;

/// <summary>Takes one whole frame. The descriptors are closed when it returns.</summary>
internal delegate void FrameHandler(Connection connection, ReadOnlySpan<byte> frame, List<FileDescriptor> descriptors);

/// <summary>Every daemon's connection at present: usually one, none while the daemon is away.</summary>
internal sealed class ConnectionSet(EventLoop loop, MonitorLog log, FrameHandler handler)
{
    private readonly List<Connection> _connections = [];
    private readonly NativeBuffer _receive = new(FrameHeader.MaxFrame);
    private readonly NativeBuffer _send = new(FrameHeader.MaxFrame);

    /// <summary>Called after a connection was closed.</summary>
    internal Action<Connection>? Disconnected { get; set; }

    internal MonitorLog Log { get; } = log;

    internal int Count => _connections.Count;

    internal Span<byte> ReceiveBuffer => _receive.Span;

    internal Span<byte> SendBuffer => _send.Span;

    internal void Add(SeqPacketSocket socket) => _connections.Add(new Connection(loop, socket, this));

    internal void Handle(Connection connection, ReadOnlySpan<byte> frame, List<FileDescriptor> descriptors) =>
        handler(connection, frame, descriptors);

    /// <summary>Sends an event to every connection.</summary>
    internal void Broadcast<T>(MessageType type, T payload)
        where T : IPayload
    {
        // Backwards, because a broken connection takes itself out.
        for (int i = _connections.Count - 1; i >= 0; i--)
            _connections[i].Send(type, MessageFlags.Event, requestId: 0, payload);
    }

    /// <summary>Gives the buffers' pages back; for a moment when there is nothing to do.</summary>
    internal void Release()
    {
        _receive.Release();
        _send.Release();
    }

    internal void OnClosed(Connection connection)
    {
        _connections.Remove(connection);
        Disconnected?.Invoke(connection);
    }
}
