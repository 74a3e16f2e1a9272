using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Connections;

/// <summary>conmon.sock: where a daemon that did not start this monitor finds it. It and its directory are the owner's alone (0600, 0700).</summary>
internal sealed class Listener : EventSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly EventLoop _loop;
    private readonly SeqPacketSocket _socket;
    private readonly ConnectionSet _connections;

    private Listener(EventLoop loop, SeqPacketSocket socket, ConnectionSet connections)
        : base(socket.Descriptor)
    {
        _loop = loop;
        _socket = socket;
        _connections = connections;
    }

    internal static Listener Open(EventLoop loop, DirectoryFd podDirectory, ConnectionSet connections)
    {
        Listener listener = new(loop, SeqPacketSocket.Listen(podDirectory.Descriptor, MonitorFiles.Socket), connections);
        loop.Add(listener, Readiness.Readable);
        return listener;
    }

    internal override void OnReady(Readiness readiness)
    {
        try
        {
            while (_socket.TryAccept() is { } accepted)
                _connections.Add(accepted);
        }
        catch (LinuxException e)
        {
            // Out of descriptors: whoever waits goes on waiting until there are some again.
            _connections.Log.Error($"a connection could not be accepted: {e.Message}");
            _loop.Remove(this);
            _loop.After(Pause, () => _loop.Add(this, Readiness.Readable));
        }
    }
}
