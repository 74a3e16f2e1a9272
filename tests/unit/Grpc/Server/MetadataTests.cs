using Grpc.Core;

namespace Grpc.Tests.Server;

public sealed class MetadataTests
{
    [Fact]
    public async Task Request_headers_reach_the_method_text_and_binary()
    {
        Metadata? seen = null;
        await using EchoServer server = await EchoServer.StartAsync((request, context) =>
        {
            seen = context.RequestHeaders;
            return Task.FromResult(request);
        });
        byte[] bytes = [0, 1, 2, 255, 254];
        await server.SayAsync("x", new CallOptions(headers: new Metadata { { "Trace-Id", "abc" }, { "blob-bin", bytes } }));
        Assert.Equal("abc", seen!.GetValue("trace-id"));
        Assert.Equal(bytes, seen.GetValueBytes("blob-bin"));
        Assert.DoesNotContain(seen, entry => entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AAEC")]
    [InlineData("AAECAw")]
    [InlineData("AAECAw==")]
    public async Task Binary_values_are_understood_with_and_without_padding(string encoded)
    {
        byte[]? seen = null;
        await using EchoServer server = await EchoServer.StartAsync((request, context) =>
        {
            seen = context.RequestHeaders.GetValueBytes("blob-bin");
            return Task.FromResult(request);
        });
        using var raw = new RawClient(server.SocketPath);
        await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("blob-bin", encoded));
        Assert.Equal(encoded.TrimEnd('='), Convert.ToBase64String(seen!).TrimEnd('='));
    }

    [Fact]
    public async Task Headers_and_trailers_reach_the_client()
    {
        await using EchoServer server = await EchoServer.StartAsync(async (request, context) =>
        {
            context.ResponseTrailers.Add("after", "trailer");
            context.ResponseTrailers.Add("details-bin", [1, 2, 3]);
            await context.WriteResponseHeadersAsync(new Metadata { { "before", "header" } });
            return request;
        });
        using AsyncUnaryCall<string> call = server.Client.AsyncUnaryCall(EchoServer.Say, null, default, "x");
        Assert.Equal("header", (await call.ResponseHeadersAsync).GetValue("before"));
        Assert.Equal("x", await call);
        Assert.Equal("trailer", call.GetTrailers().GetValue("after"));
        Assert.Equal([1, 2, 3], call.GetTrailers().GetValueBytes("details-bin"));
    }

    [Fact]
    public async Task The_details_of_a_status_pass_through()
    {
        await using EchoServer server = await EchoServer.StartAsync((_, _) => throw new RpcException(
            new Status(StatusCode.InvalidArgument, "no"), new Metadata { { "grpc-status-details-bin", [8, 3] }, { "grpc-status", "0" } }));
        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => server.SayAsync("x"));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal([8, 3], failure.Trailers.GetValueBytes("grpc-status-details-bin"));
    }

    [Theory]
    [InlineData("with space", "v")]
    [InlineData("", "v")]
    [InlineData("key", "line\nbreak")]
    [InlineData("key", "größe")]
    [InlineData("key-bin", "text")]
    public void What_no_header_can_carry_is_refused(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new Metadata { { key, value } });

    [Fact]
    public async Task The_context_names_method_host_and_peer()
    {
        (string, string, string) seen = default;
        await using EchoServer server = await EchoServer.StartAsync((request, context) =>
        {
            seen = (context.Method, context.Host, context.Peer);
            return Task.FromResult(request);
        });
        await server.SayAsync("x");
        Assert.Equal((EchoServer.SayPath, "localhost", "unix:"), seen);
    }
}
