using System.Net;
using System.Net.Sockets;

namespace CriRuntime.Streaming.Tests.PortForward;

/// <summary>What listens in the pod, here on loopback: hands each accepted socket to a handler.</summary>
internal sealed class PodServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private int _open;

    internal PodServer(Func<Socket, Task> serve)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync(serve);
    }

    internal int Port { get; }

    /// <summary>Sockets whose handler has not ended.</summary>
    internal int Open => Volatile.Read(ref _open);

    internal static async Task<Socket> ConnectAsync(int port, CancellationToken token)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends back what comes, and the end after it.</summary>
    internal static async Task EchoAsync(Socket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer) is > 0 and int count)
        {
            for (int sent = 0; sent < count;)
                sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent));
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync(Func<Socket, Task> serve)
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync(), serve);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket socket, Func<Socket, Task> serve)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using (socket)
                await serve(socket);
        }
        catch (SocketException)
        {
            // The peer's reset; tests that care look for it themselves.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
