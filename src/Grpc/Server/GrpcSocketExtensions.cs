using System.Net;
using System.Net.Sockets;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Lets a server listen where a CRI client looks: on a unix socket, HTTP/2 without TLS.</summary>
public static class GrpcSocketExtensions
{
    /// <summary>
    /// Listens on a unix socket. The file appears by rename, already listening and with its mode; a socket file that nobody
    /// listens on any more is replaced; where somebody does, starting fails with an <see cref="IOException"/>.
    /// </summary>
    /// <param name="builder">The host's.</param>
    /// <param name="path">Absolute, at most 107 bytes, in a directory that exists.</param>
    /// <param name="mode">Permissions; by default owner and group may connect (0660).</param>
    public static IWebHostBuilder ListenGrpcUnixSocket(
        this IWebHostBuilder builder,
        string path,
        UnixFileMode mode = UnixSocketFile.DefaultMode)
    {
        ArgumentNullException.ThrowIfNull(builder);
        UnixSocketFile.CheckPath(path);
        builder.ConfigureServices(services =>
        {
            services.Configure<KestrelServerOptions>(kestrel => ListenHttp2(kestrel, path));
            services.Configure<SocketTransportOptions>(sockets => BindOwnFile(sockets, path, mode));
            services.AddHostedService(_ => new SocketFileRemoval(path));
        });
        return builder;
    }

    private static void ListenHttp2(KestrelServerOptions kestrel, string path)
    {
        kestrel.AddServerHeader = false;

        // a watcher of events may read slowly or not at all for a while; its deadline ends it, not its rate
        kestrel.Limits.MinResponseDataRate = null;

        // one kubelet has one connection, and a node has more containers than Kestrel's default of 100 streams
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
    }

    private static void BindOwnFile(SocketTransportOptions sockets, string path, UnixFileMode mode)
    {
        Func<EndPoint, Socket> others = sockets.CreateBoundListenSocket;
        sockets.CreateBoundListenSocket = endPoint =>
            endPoint is UnixDomainSocketEndPoint unix && unix.ToString() == path
                ? UnixSocketFile.Listen(path, mode)
                : others(endPoint);
    }
}
