using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Client;

namespace Grpc.Tests.Server;

public sealed class CompressionTests
{
    [Fact]
    public async Task Requests_and_responses_travel_compressed_when_both_sides_agree()
    {
        await using EchoServer server = await EchoServer.StartAsync(configure: options => options.ResponseCompressionAlgorithm = "gzip");
        using var channel = GrpcChannel.ForUnixSocket(server.SocketPath, new GrpcChannelOptions { RequestCompressionAlgorithm = "gzip" });
        string text = new('a', 100_000);
        using AsyncUnaryCall<string> call = channel.CreateCallInvoker().AsyncUnaryCall(EchoServer.Say, null, default, text);
        Assert.Equal(text, await call);

        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(
            EchoServer.SayPath, RawClient.Frame(Gzip(new byte[100_000]), flag: 1), headers: [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity, gzip")]);
        Assert.Equal("0", answer.Status);
        Assert.Equal("gzip", answer.Headers["grpc-encoding"]);
        Assert.Equal(1, answer.Body[0]);
        Assert.True(answer.Body.Length < 5000);
    }

    [Fact]
    public async Task A_client_that_does_not_accept_gzip_gets_none()
    {
        await using EchoServer server = await EchoServer.StartAsync(configure: options => options.ResponseCompressionAlgorithm = "gzip");
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8));
        Assert.Equal(RawClient.Frame("x"u8), answer.Body);
    }

    [Fact]
    public async Task A_message_marked_no_compress_travels_plain()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            (request, context) =>
            {
                context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
                return Task.FromResult(request);
            },
            configure: options => options.ResponseCompressionAlgorithm = "gzip");
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("grpc-accept-encoding", "gzip"));
        Assert.Equal(RawClient.Frame("x"u8), answer.Body);
    }

    [Fact]
    public async Task A_gzip_bomb_is_resource_exhausted_and_costs_no_memory_that_lasts()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        byte[] bomb = Gzip(new byte[512 << 20]);
        Assert.True(bomb.Length < 3 << 20);
        GC.Collect();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame(bomb, flag: 1), headers: ("grpc-encoding", "gzip"));
        Assert.Equal("8", answer.Status);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 100 << 20);
    }

    [Fact]
    public async Task A_compressed_message_without_an_encoding_is_internal() =>
        await AssertStatusAsync(Gzip("x"u8.ToArray()), null, "13");

    [Fact]
    public async Task A_compressed_message_under_identity_is_internal() =>
        await AssertStatusAsync(Gzip("x"u8.ToArray()), "identity", "13");

    [Fact]
    public async Task Garbage_instead_of_gzip_is_internal() =>
        await AssertStatusAsync("this is no gzip, however long one looks at it"u8.ToArray(), "gzip", "13");

    [Fact]
    public async Task An_empty_payload_instead_of_gzip_is_internal() => await AssertStatusAsync([], "gzip", "13");

    [Fact]
    public async Task Gzip_cut_short_is_internal()
    {
        byte[] noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        byte[] whole = Gzip(noise);
        await AssertStatusAsync(whole[..(whole.Length / 2)], "gzip", "13");
        await AssertStatusAsync(whole[..^8], "gzip", "13");
        await AssertStatusAsync(whole[..^1], "gzip", "13");
    }

    [Fact]
    public async Task An_unknown_encoding_is_unimplemented_and_the_answer_names_the_known_ones()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8, 1), headers: ("grpc-encoding", "snappy"));
        Assert.Equal("12", answer.Status);
        Assert.Contains("snappy", answer.Message, StringComparison.Ordinal);
        Assert.Equal("identity,gzip", answer.Headers["grpc-accept-encoding"]);
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static async Task AssertStatusAsync(byte[] payload, string? encoding, string status)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        (string, string)[] headers = encoding is null ? [] : [("grpc-encoding", encoding)];
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame(payload, flag: 1), headers: headers);
        Assert.Equal(status, answer.Status);
    }
}
