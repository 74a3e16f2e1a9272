using System.Net.Sockets;
using CriRuntime.Linux;

namespace CriRuntime.OciCli.Tests;

/// <summary>Listens where --console-socket points to. Keeps the terminal that arrives.</summary>
internal sealed class ConsoleListener : IDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private FileDescriptor? terminal;

    internal ConsoleListener(string path)
    {
        Path = path;
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
    }

    internal string Path { get; }

    /// <summary>The master of the terminal.</summary>
    internal async Task<FileDescriptor> ReceiveAsync()
    {
        using Socket peer = await socket.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(30));
        while (peer.Available == 0)
            await Task.Delay(5);
        using FileDescriptor own = new((int)peer.SafeHandle.DangerousGetHandle());
        using FileDescriptor copy = own.Duplicate();
        own.SetHandleAsInvalid();
        List<FileDescriptor> received = [];
        new SeqPacketSocket(copy).TryReceive(new byte[64], received);
        terminal = Assert.Single(received);
        return terminal;
    }

    public void Dispose()
    {
        terminal?.Dispose();
        socket.Dispose();
    }
}
