namespace CriRuntime.Linux.Launching;

/// <summary>The parent's side of the socket to a child that is being born (see <see cref="ChannelMessageType"/>).</summary>
public static unsafe class LaunchChannel
{
    /// <summary>Sends <see cref="ChannelMessageType.Proceed"/>; a child that is gone is no error here, its end shows on the channel.</summary>
    public static void Proceed(FileDescriptor channel, int pid)
    {
        ChannelMessage message = new() { Type = ChannelMessageType.Proceed, Step = pid };
        Kernel.Retry(SyscallNumber.SendTo, channel.Number, (nint)(&message), sizeof(ChannelMessage), Kernel.MSG_NOSIGNAL);
        GC.KeepAlive(channel);
    }

    /// <summary>The next message.</summary>
    /// <param name="channel">The parent's end.</param>
    /// <param name="wait">False: null when there is none at the moment.</param>
    /// <param name="descriptor">What came with it, or null.</param>
    /// <returns>A message; type None at the end of the stream; null when there is none at the moment.</returns>
    /// <exception cref="LinuxException"/>
    public static ChannelMessage? Receive(FileDescriptor channel, bool wait, out FileDescriptor? descriptor)
    {
        ChannelMessage message = default;
        Kernel.IoVector vector = new() { Base = &message, Length = (nuint)sizeof(ChannelMessage) };
        ulong* control = stackalloc ulong[4];
        Kernel.MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 32 };
        descriptor = null;
        int flags = O_CMSG_CLOEXEC | (wait ? 0 : Kernel.MSG_DONTWAIT);
        if (wait)
            HostFile.AwaitReadable(channel); // with the garbage collector free to go on: the receive itself would hold it up
        long read = Kernel.Retry(RecvMsg, channel.Number, (nint)(&header), flags);
        GC.KeepAlive(channel);
        if (read == -Kernel.Eagain)
            return null;
        if (read < 0 && read != -104) // ECONNRESET: the child ended with a message of ours unread
            throw new LinuxException("recvmsg", "the launch channel", (Errno)(int)-read);
        if (header.ControlLength >= 20 && control[1] == (1 | (1UL << 32)))
            descriptor = new((int)control[2]);
        return read == sizeof(ChannelMessage) ? message : default(ChannelMessage);
    }

    private const int O_CMSG_CLOEXEC = 0x40000000;

    private static int RecvMsg => SyscallNumber.SendMsg + 1; // neighbours in both tables
}
