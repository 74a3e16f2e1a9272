using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Grpc.Tests.Server;

/// <summary>An HTTP/2 client that knows nothing of gRPC: whatever frames, headers and paths the test makes up.</summary>
internal sealed class RawClient(string socketPath) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    internal static byte[] Frame(ReadOnlySpan<byte> payload, byte flag = 0)
    {
        byte[] frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame.AsSpan(5));
        return frame;
    }

    internal async Task<RawAnswer> PostAsync(string path, byte[] body, string contentType = "application/grpc", params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost" + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await SendAsync(request);
    }

    internal async Task<RawAnswer> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await _http.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        return new RawAnswer((int)response.StatusCode, Flatten(response.Headers), Flatten(response.TrailingHeaders), body);
    }

    public void Dispose() => _http.Dispose();

    private static Dictionary<string, string> Flatten(HttpResponseHeaders headers) =>
        headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
}

/// <summary>What came back, trailers apart from headers.</summary>
internal sealed record RawAnswer(
    int HttpStatus,
    Dictionary<string, string> Headers,
    Dictionary<string, string> Trailers,
    byte[] Body)
{
    /// <summary>Wherever it was: grpc-status and grpc-message.</summary>
    internal string? Status => Trailers.GetValueOrDefault("grpc-status") ?? Headers.GetValueOrDefault("grpc-status");

    internal string? Message => Trailers.GetValueOrDefault("grpc-message") ?? Headers.GetValueOrDefault("grpc-message");
}
