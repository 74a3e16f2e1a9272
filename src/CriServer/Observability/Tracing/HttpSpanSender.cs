using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>OTLP over HTTP with protobuf bodies (opentelemetry-proto, docs/specification.md, "OTLP/HTTP").</summary>
internal sealed class HttpSpanSender(TracingSettings settings) : ISpanSender
{
    private static readonly MediaTypeHeaderValue Protobuf = new("application/x-protobuf");

    private readonly HttpMessageInvoker _http = new(CollectorTransport.Create(settings));

    public void Dispose() => _http.Dispose();

    public async Task<SendOutcome> SendAsync(byte[] request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.Patience);
        using HttpRequestMessage message = new(HttpMethod.Post, settings.Target) { Content = Content(request) };
        foreach ((string name, string value) in settings.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(message, limit.Token).ConfigureAwait(false);
            return Judge(response, await ReadAsync(response, limit.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new SendOutcome(false, true, e.GetBaseException().Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendOutcome.TimedOut(settings.Patience);
        }
    }

    private ByteArrayContent Content(byte[] request)
    {
        ByteArrayContent content = new(settings.Compress ? Compressed(request) : request);
        content.Headers.ContentType = Protobuf;
        if (settings.Compress)
            content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static byte[] Compressed(byte[] request)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(request);
        return packed.ToArray();
    }

    /// <summary>The body, or null where it is none of OTLP's: too long, or another content type.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != Protobuf.MediaType)
            return null;
        byte[] body = new byte[CollectorTransport.LongestAnswer + 1];
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length < body.Length ? body[..length] : null;
    }

    private static SendOutcome Judge(HttpResponseMessage response, byte[]? body)
    {
        if (response.IsSuccessStatusCode)
            return body is null ? new SendOutcome(true, false, "") : CollectorAnswer.ReadSuccess(body);
        // The specification's section "Retryable Response Codes".
        bool retry = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
        string words = body is null ? "" : CollectorAnswer.ReadStatus(body).Message;
        return new SendOutcome(false, retry, $"it answered {(int)response.StatusCode}{(words.Length > 0 ? $": {words}" : "")}") { Pause = Pause(response.Headers.RetryAfter) };
    }

    private static TimeSpan Pause(RetryConditionHeaderValue? after) =>
        after?.Delta ?? (after?.Date is { } date && date > DateTimeOffset.UtcNow ? date - DateTimeOffset.UtcNow : TimeSpan.Zero);
}
