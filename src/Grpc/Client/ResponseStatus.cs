using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>What a response, or the lack of one, says about a call.</summary>
internal static class ResponseStatus
{
    private const int Http2Cancel = 8; // RFC 9113 section 7
    private const int Http2RefusedStream = 7;

    /// <exception cref="RpcException">The answer is plain HTTP; the code follows http-grpc-status-mapping.md.</exception>
    internal static void ThrowIfNotGrpc(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            StatusCode code = response.StatusCode switch
            {
                HttpStatusCode.BadRequest => StatusCode.Internal,
                HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
                HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
                HttpStatusCode.NotFound => StatusCode.Unimplemented,
                HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
                    or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
                _ => StatusCode.Unknown,
            };
            throw new RpcException(new Status(code, $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}"));
        }

        string? contentType = response.Content.Headers.ContentType?.MediaType;
        if (!GrpcHeaders.IsGrpcContentType(contentType))
            throw new RpcException(new Status(StatusCode.Unknown, $"Bad gRPC response. Invalid content-type value: {contentType}"));
    }

    /// <summary>The status in headers or trailers, or null when there is none.</summary>
    internal static Status? TryRead(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues(GrpcHeaders.Status, out IEnumerable<string>? values)) return null;
        string text = values.First();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code))
            return new Status(StatusCode.Unknown, $"Unexpected grpc-status value: {text}");
        string message = headers.TryGetValues(GrpcHeaders.Message, out values) ? values.First() : "";
        return new Status((StatusCode)code, StatusMessage.Decode(message));
    }

    internal static Metadata ReadMetadata(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            foreach (string value in values) MetadataEncoding.Decode(metadata, name, value);
        }

        return metadata;
    }

    /// <summary>The status of a call that broke on this side or in between.</summary>
    internal static Status Explain(Exception exception, bool timedOut) => exception switch
    {
        _ when timedOut => new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"),
        OperationCanceledException => new Status(StatusCode.Cancelled, "Call canceled by the client.", exception),
        _ when Http2Error(exception) is Http2Cancel => new Status(StatusCode.Cancelled, exception.Message, exception),
        _ when Http2Error(exception) is Http2RefusedStream => new Status(StatusCode.Unavailable, exception.Message, exception),
        HttpRequestException or IOException =>
            new Status(StatusCode.Unavailable, $"The connection failed: {exception.GetBaseException().Message}", exception),
        _ => new Status(StatusCode.Internal, exception.Message, exception),
    };

    private static long? Http2Error(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is HttpProtocolException protocol) return protocol.ErrorCode;
        }

        return null;
    }
}
