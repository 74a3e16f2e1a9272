using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Protocol;

/// <summary>Something in this process that answers a Hello as a monitor does, and then reads only when a test says so.</summary>
internal sealed class SilentMonitor : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly DirectoryFd _opened;
    private readonly SeqPacketSocket _listener;
    private SeqPacketSocket? _connection;

    internal SilentMonitor()
    {
        _opened = DirectoryFd.Open(_directory.Path);
        _listener = SeqPacketSocket.Listen(_opened.Descriptor, MonitorFiles.Socket);
    }

    internal async Task<MonitorClient> ConnectAsync(CancellationToken token)
    {
        Task<MonitorClient> adopting = MonitorClient.AdoptAsync(_directory.Path, token);
        while ((_connection = _listener.TryAccept()) is null)
            await Task.Delay(5, token);
        (FrameHeader hello, _, _) = await ReceiveAsync(token);
        byte[] frame = new byte[FrameHeader.MaxFrame];
        int length = Write(frame, new HelloReply(FrameHeader.CurrentVersion, Environment.ProcessId, "pod"));
        new FrameHeader(MessageType.Hello, MessageFlags.Reply, hello.RequestId, length).Write(frame);
        Assert.True(_connection.TrySend(frame.AsSpan(0, FrameHeader.Size + length)));
        return await adopting;
    }

    /// <summary>The next request, with its payload and its descriptors.</summary>
    internal async Task<(FrameHeader Header, byte[] Payload, List<FileDescriptor> Descriptors)> ReceiveAsync(CancellationToken token)
    {
        byte[] buffer = new byte[FrameHeader.MaxFrame];
        List<FileDescriptor> descriptors = [];
        int length;
        while ((length = _connection!.TryReceive(buffer, descriptors)) < 0)
            await Task.Delay(5, token);
        return (FrameHeader.Read(buffer.AsSpan(0, length)), buffer[FrameHeader.Size..length], descriptors);
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _listener.Dispose();
        _opened.Dispose();
        _directory.Dispose();
    }

    private static int Write(byte[] frame, HelloReply reply)
    {
        PayloadWriter writer = new(frame.AsSpan(FrameHeader.Size));
        reply.Write(ref writer);
        return writer.Length;
    }
}
