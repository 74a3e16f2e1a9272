using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Connections;

/// <summary>conmon.sock: where a daemon that did not start this monitor finds it. The directory is the owner's alone (0700).</summary>
internal sealed class Listener : EventSource
{
    private readonly SeqPacketSocket _socket;
    private readonly ConnectionSet _connections;

    private Listener(SeqPacketSocket socket, ConnectionSet connections)
        : base(socket.Descriptor)
    {
        _socket = socket;
        _connections = connections;
    }

    internal static Listener Open(EventLoop loop, DirectoryFd podDirectory, ConnectionSet connections)
    {
        Listener listener = new(SeqPacketSocket.Listen(podDirectory.Descriptor, MonitorFiles.Socket), connections);
        loop.Add(listener, Readiness.Readable);
        return listener;
    }

    internal override void OnReady(Readiness readiness)
    {
        while (_socket.TryAccept() is { } accepted)
            _connections.Add(accepted);
    }
}
