using Grpc.Core;

namespace Grpc.Wire;

/// <summary>The errors of the message layer, with the codes gRPC's own implementations give them.</summary>
internal static class MessageErrors
{
    internal static RpcException ReceivedTooLong(int limit) =>
        new(new Status(StatusCode.ResourceExhausted, $"Received message exceeds the maximum configured message size of {limit} bytes."));

    internal static RpcException SentTooLong(int limit) =>
        new(new Status(StatusCode.ResourceExhausted, $"Sending message exceeds the maximum configured message size of {limit} bytes."));

    internal static RpcException Incomplete() => Internal("Incomplete message.");

    internal static RpcException Additional() => Internal("Additional data after the message received.");

    internal static RpcException BadFlag(byte flag) =>
        Internal($"Unexpected compressed flag value {flag} in message header.");

    internal static RpcException CompressedWithoutEncoding() =>
        Internal("A compressed message arrived, but grpc-encoding names no compression.");

    internal static RpcException UnknownEncoding(string encoding) => new(new Status(
        StatusCode.Unimplemented,
        $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: {GrpcHeaders.SupportedEncodings}"));

    internal static RpcException NotGzip(Exception cause) =>
        new(new Status(StatusCode.Internal, $"The message is no valid gzip: {cause.Message}", cause));

    internal static RpcException NotParsed(Exception cause) =>
        new(new Status(StatusCode.Internal, $"The message could not be parsed: {cause.Message}", cause));

    private static RpcException Internal(string detail) => new(new Status(StatusCode.Internal, detail));
}
