using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace Grpc.AspNetCore.Server;

/// <summary>The file of a listening unix socket: made with its mode, never stolen from a living server.</summary>
internal static class UnixSocketFile
{
    internal const UnixFileMode DefaultMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>sun_path without its final zero, unix(7).</summary>
    private const int MaxPathBytes = 107;
    private const int Backlog = 512;

    internal static void CheckPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Path.IsPathRooted(path)) throw new ArgumentException($"The socket path {path} must be absolute.", nameof(path));
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            throw new ArgumentException($"The socket path {path} is longer than {MaxPathBytes} bytes.", nameof(path));
    }

    /// <summary>
    /// A listening socket at <paramref name="path"/>. Two servers that start at once are told apart by a lock on
    /// <c>path.lock</c>, which stays behind because removing a lock file would undo its point.
    /// </summary>
    /// <exception cref="IOException">Another process listens there, or the path is taken by something else than a socket.</exception>
    internal static Socket Listen(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("Socket files have no mode on Windows.");
        using FileStream startLock = LockStart(path);
        RefuseIfAlive(path);

        string bindPath = Path.Combine(Path.GetDirectoryName(path)!, $".{Environment.ProcessId:x}");
        File.Delete(bindPath);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(bindPath));
            File.SetUnixFileMode(bindPath, mode);
            socket.Listen(Backlog);
            File.Move(bindPath, path, overwrite: true);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static FileStream LockStart(string path)
    {
        try
        {
            return new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None, // flock(2)
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new IOException($"Another process is starting to listen on {path} at this moment.", exception);
        }
    }

    private static void RefuseIfAlive(string path)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (!IsSocket(path)) throw new IOException($"{path} exists and is no socket; remove it or listen elsewhere.", exception);
            return;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return; // removed meanwhile
        }
        catch (SocketException exception) when (exception.SocketErrorCode is not (SocketError.WouldBlock or SocketError.TryAgain))
        {
            throw new IOException($"Cannot find out whether another process listens on {path}: {exception.Message}", exception);
        }

        throw new IOException($"Another process is listening on {path}; stop it or listen elsewhere.");
    }

    /// <summary>Connecting to a plain file is refused like connecting to a dead socket; a plain file can be opened, though.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return false;
        }
        catch (IOException)
        {
            return true; // ENXIO
        }
    }
}
