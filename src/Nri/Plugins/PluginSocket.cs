using System.Net.Sockets;

namespace CriRuntime.Nri.Plugins;

/// <summary>The unix socket that plugins connect to. For root alone: who connects decides what containers are.</summary>
internal sealed class PluginSocket : IDisposable
{
    private readonly string _path;
    private readonly Socket _listener;

    private PluginSocket(string path, Socket listener)
    {
        _path = path;
        _listener = listener;
    }

    /// <summary>Makes the directory (0700) where it is missing. A socket that nobody listens on is replaced.</summary>
    /// <exception cref="NriException">Somebody listens on it, or it can't be made.</exception>
    internal static PluginSocket Listen(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            RemoveStale(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // nobody can connect before the next line
            listener.Listen(64);
            return new PluginSocket(path, listener);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or NriException)
        {
            listener.Dispose();
            throw e as NriException ?? new NriException($"{path}: {e.Message}", e);
        }
    }

    /// <returns>Null: the socket is closed.</returns>
    internal async Task<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException)
            {
                // The peer is gone already, or there are no descriptors for now.
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new NriException($"another program listens on {path}; give this one a socket of its own (nri.socket)");
    }
}
