using System.Net;
using System.Net.Http.Headers;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>Brings encoded spans to a collector: OTLP over HTTP with protobuf bodies (opentelemetry-proto, docs/specification.md).</summary>
internal sealed class SpanSender : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly TracingSettings _settings;

    internal SpanSender(TracingSettings settings)
    {
        _settings = settings;
        Target = new Uri($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/v1/traces");
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // The collector is the node's or the cluster's; proxies in the environment are for registries.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = 1,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 64 << 10,
            ConnectTimeout = settings.Patience,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        });
    }

    internal Uri Target { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>One try. A collector that can't be reached is an outcome, no exception.</summary>
    /// <exception cref="OperationCanceledException">By the token alone.</exception>
    internal async Task<SendOutcome> SendAsync(byte[] request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_settings.Patience);
        using HttpRequestMessage message = new(HttpMethod.Post, Target) { Content = new ByteArrayContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(message, limit.Token).ConfigureAwait(false);
            return Judge(response);
        }
        catch (HttpRequestException e)
        {
            return new SendOutcome(false, true, e.InnerException?.Message ?? e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SendOutcome(false, true, $"no answer within {_settings.Patience.TotalSeconds:0.###} s");
        }
    }

    private static SendOutcome Judge(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
            return new SendOutcome(true, false, "");
        // The specification's section "Retryable Response Codes".
        bool retry = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
        return new SendOutcome(false, retry, $"it answered {(int)response.StatusCode}") { Pause = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero };
    }
}

/// <param name="MayRetry">The same request may succeed later.</param>
/// <param name="Reason">Why it was not delivered.</param>
internal sealed record SendOutcome(bool Delivered, bool MayRetry, string Reason)
{
    /// <summary>The collector wants to be left alone for so long.</summary>
    internal TimeSpan Pause { get; init; }
}
