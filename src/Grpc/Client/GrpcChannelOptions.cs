namespace Grpc.Net.Client;

/// <summary>What holds for every call of a channel.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Largest response in bytes, compressed and decompressed; null: what fits an array. 16 MiB by default.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>Largest request in bytes; null: what fits an array. 16 MiB by default.</summary>
    public int? MaxSendMessageSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>"gzip" compresses requests; null sends them plain.</summary>
    public string? RequestCompressionAlgorithm { get; set; }

    /// <summary>Replaces the transport, as for TLS with authorities of its own; the channel does not dispose it.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }
}
