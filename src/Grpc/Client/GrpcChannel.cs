using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// One server, reached over one HTTP/2 connection that opens with the first call and opens again when it breaks.
/// Thread-safe.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly CallInvoker _invoker;
    private readonly CancellationTokenSource _closed = new();

    private GrpcChannel(string target, Uri address, HttpMessageHandler transport, bool ownsTransport, GrpcChannelOptions options)
        : base(target)
    {
        _http = new HttpMessageInvoker(transport, ownsTransport);
        _invoker = new HttpCallInvoker(_http, address, options, _closed.Token);
    }

    /// <summary>A server on a unix socket, HTTP/2 without TLS.</summary>
    /// <param name="path">The socket file.</param>
    /// <param name="options">Limits and compression; the defaults when null.</param>
    public static GrpcChannel ForUnixSocket(string path, GrpcChannelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new GrpcChannelOptions();
        HttpMessageHandler transport = options.HttpHandler ?? UnixTransport(path);
        return new GrpcChannel("unix://" + path, new Uri("http://localhost"), transport, options.HttpHandler is null, options);
    }

    /// <summary>
    /// A server at <c>unix:///path</c>, <c>http://host:port</c> (HTTP/2 by prior knowledge) or <c>https://host:port</c> (HTTP/2 by ALPN). Whom TLS trusts
    /// other than the system's authorities is said by <see cref="GrpcChannelOptions.HttpHandler"/>.
    /// </summary>
    /// <exception cref="ArgumentException">Another kind of address.</exception>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        if (address.StartsWith("unix://", StringComparison.Ordinal)) return ForUnixSocket(address["unix://".Length..], options);
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException($"The address {address} is none of unix:///path, http://host:port, https://host:port.", nameof(address));
        options ??= new GrpcChannelOptions();
        return new GrpcChannel(address, uri, options.HttpHandler ?? NewTransport(), options.HttpHandler is null, options);
    }

    public override CallInvoker CreateCallInvoker() => _invoker;

    /// <summary>Closes the connection; calls under way fail.</summary>
    public void Dispose()
    {
        _closed.Cancel(); // the transport alone would let calls under way go on
        _http.Dispose();
    }

    private static SocketsHttpHandler UnixTransport(string path)
    {
        SocketsHttpHandler transport = NewTransport();
        transport.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return transport;
    }

    private static SocketsHttpHandler NewTransport() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
    };
}
