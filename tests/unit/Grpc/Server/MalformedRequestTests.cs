using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Tests.Server;

/// <summary>What a broken or hostile client sends, byte by byte.</summary>
public sealed class MalformedRequestTests
{
    [Theory]
    [InlineData("/test.Echo/Nope", "Method is unimplemented")]
    [InlineData("/test.Nope/Say", "Service is unimplemented")]
    [InlineData("/TEST.ECHO/SAY", "Service is unimplemented")]
    public async Task An_unknown_path_is_unimplemented(string path, string message)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(path, RawClient.Frame("x"u8));
        Assert.Equal((200, "12"), (answer.HttpStatus, answer.Headers["grpc-status"]));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpcx")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    public async Task A_foreign_content_type_is_refused_by_http(string contentType)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        Assert.Equal(415, (await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), contentType)).HttpStatus);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    public async Task The_content_types_of_grpc_are_served(string contentType)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), contentType);
        Assert.Equal("0", answer.Trailers["grpc-status"]);
        Assert.Equal(RawClient.Frame("x"u8), answer.Body);
    }

    [Fact]
    public async Task Another_http_method_is_refused()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://localhost" + EchoServer.SayPath)
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Assert.Equal(405, (await raw.SendAsync(request)).HttpStatus);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, (byte)'x' })]
    public async Task A_truncated_frame_is_internal(byte[] body) => await AssertStatusAsync(body, "13", "Incomplete message");

    [Fact]
    public async Task A_bad_compressed_flag_is_internal() =>
        await AssertStatusAsync(RawClient.Frame("x"u8, flag: 7), "13", "compressed flag value 7");

    [Fact]
    public async Task A_second_message_in_a_unary_call_is_internal() =>
        await AssertStatusAsync([.. RawClient.Frame("x"u8), .. RawClient.Frame("y"u8)], "13", "Additional data");

    [Fact]
    public async Task A_length_over_the_limit_is_refused_before_anything_is_read() =>
        await AssertStatusAsync([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3], "8", "exceeds the maximum");

    [Fact]
    public async Task A_message_that_does_not_parse_is_internal()
    {
        var picky = new Method<string, string>(
            MethodType.Unary,
            "test.Picky",
            "Say",
            Marshallers.Create<string>(_ => [], _ => throw new FormatException("not a message")),
            Marshallers.StringMarshaller);
        await using var app = EchoServer.Build(Path.Combine(Path.GetTempPath(), $"picky-{Guid.NewGuid():N}.sock") is var path ? path : "");
        Microsoft.AspNetCore.Builder.GrpcEndpointRouteBuilderExtensions.MapGrpcService(
            app, ServerServiceDefinition.CreateBuilder().AddMethod(picky, (request, _) => Task.FromResult(request)).Build());
        await app.StartAsync();
        using var raw = new RawClient(path);
        RawAnswer answer = await raw.PostAsync("/test.Picky/Say", RawClient.Frame("x"u8));
        Assert.Equal("13", answer.Status);
        Assert.Contains("not a message", answer.Message, StringComparison.Ordinal);
        await app.StopAsync();
        File.Delete(path + ".lock");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage that is no frame at all, and goes on for a while")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\u0004\u0001\0\0\0\0\0abcd")]
    public async Task Bytes_that_are_no_http2_end_that_connection_only(string bytes)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.SocketPath));
        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(bytes));

        byte[] buffer = new byte[4096];
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await ReceiveAsync(socket, buffer, timeout.Token) > 0)
        {
            // the server may say goodbye (GOAWAY) first
        }

        Assert.Equal("still here", await server.SayAsync("still here"));
    }

    [Fact]
    public async Task Metadata_beyond_the_limit_is_refused_and_the_server_goes_on()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        var huge = new Metadata();
        for (int i = 0; i < 100; i++) huge.Add($"key-{i}", new string('v', 10_000));
        await Assert.ThrowsAsync<RpcException>(() => server.SayAsync("x", new CallOptions(headers: huge)));
        Assert.Equal("still here", await server.SayAsync("still here"));
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (SocketException)
        {
            return 0; // reset is an end, too
        }
    }

    private static async Task AssertStatusAsync(byte[] body, string status, string message)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        foreach (string path in new[] { EchoServer.SayPath, EchoServer.CountPath })
        {
            RawAnswer answer = await raw.PostAsync(path, body);
            Assert.Equal(200, answer.HttpStatus);
            Assert.Equal(status, answer.Status);
            Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        }

        Assert.Equal("still here", await server.SayAsync("still here"));
    }
}
