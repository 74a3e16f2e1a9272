namespace Grpc.AspNetCore.Server;

/// <summary>What holds for every service of a server.</summary>
public sealed class GrpcServiceOptions
{
    /// <summary>16 MiB: what the kubelet's CRI client uses in both directions.</summary>
    public const int DefaultMaxMessageSize = 16 * 1024 * 1024;

    /// <summary>Largest request in bytes, compressed and decompressed; null: what fits an array.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxMessageSize;

    /// <summary>Largest response in bytes, before compression; null: what fits an array.</summary>
    public int? MaxSendMessageSize { get; set; } = DefaultMaxMessageSize;

    /// <summary>"gzip" compresses responses for clients that accept it; null, which suits a local socket, none.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>Whether the message of an exception that no interceptor mapped is told to the client.</summary>
    public bool EnableDetailedErrors { get; set; }

    /// <summary>The first one added is the outermost.</summary>
    public InterceptorCollection Interceptors { get; } = new();
}
