namespace Grpc.Wire;

/// <summary>Header names and values of gRPC over HTTP/2 (PROTOCOL-HTTP2.md).</summary>
internal static class GrpcHeaders
{
    internal const string ContentType = "application/grpc";
    internal const string Status = "grpc-status";
    internal const string Message = "grpc-message";

    /// <summary>A google.rpc.Status beside the status; for us metadata like any other.</summary>
    internal const string StatusDetails = "grpc-status-details-bin";
    internal const string Timeout = "grpc-timeout";
    internal const string Encoding = "grpc-encoding";
    internal const string AcceptEncoding = "grpc-accept-encoding";
    internal const string SupportedEncodings = "identity,gzip";

    /// <summary>Whether a content type is gRPC with protobuf or an unnamed format: <c>application/grpc[+proto][;...]</c>.</summary>
    internal static bool IsGrpcContentType(string? value)
    {
        if (value is null || !value.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)) return false;
        ReadOnlySpan<char> rest = value.AsSpan(ContentType.Length);
        return rest.IsEmpty || rest[0] == ';'
            || (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase) && (rest.Length == 6 || rest[6] == ';'));
    }

    /// <summary>Names that are the protocol's or HTTP's own and so neither reach nor come from user metadata.</summary>
    internal static bool IsReserved(string key) => key switch
    {
        "te" or "content-type" or "content-length" or "content-encoding" or "host" or "connection"
            or "transfer-encoding" or "date" or "server" => true,
        StatusDetails => false,
        _ => key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) || key.StartsWith(':'),
    };
}
