using System.Net.Sockets;

namespace CriRuntime.Linux;

/// <summary>
/// send(2) and recv(2) that never wait, on sockets of the BCL and beside its asynchronous calls. The BCL's own calls on a non-blocking socket do
/// not tell a partial send from one that would block.
/// </summary>
public static unsafe class NonBlockingSocket
{
    /// <summary>What the calls return where they would have to wait.</summary>
    public const int WouldBlock = -1;

    /// <returns>The bytes sent, perhaps fewer than all, or <see cref="WouldBlock"/>.</returns>
    /// <exception cref="LinuxException">The connection is broken (ECONNRESET, EPIPE, ...).</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static int Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        nint result;
        fixed (byte* start = bytes)
        {
            do
                result = Libc.Send(socket.SafeHandle, start, (nuint)bytes.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            while (Gate.Interrupted(result));
        }

        return Result(result, "send");
    }

    /// <returns>The bytes received, 0 at the end, or <see cref="WouldBlock"/>.</returns>
    /// <exception cref="LinuxException">The connection is broken (ECONNRESET, ...).</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static int Receive(Socket socket, Span<byte> buffer)
    {
        nint result;
        fixed (byte* start = buffer)
        {
            do
                result = Libc.Receive(socket.SafeHandle, start, (nuint)buffer.Length, Libc.MSG_DONTWAIT);
            while (Gate.Interrupted(result));
        }

        return Result(result, "recv");
    }

    private static int Result(nint result, string operation)
    {
        if (result >= 0)
            return (int)result;
        return Gate.LastErrno == Errno.EAGAIN ? WouldBlock : throw new LinuxException(operation, null, Gate.LastErrno);
    }
}
