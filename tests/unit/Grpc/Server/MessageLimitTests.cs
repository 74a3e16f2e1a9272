using Grpc.Core;
using Grpc.Net.Client;

namespace Grpc.Tests.Server;

public sealed class MessageLimitTests
{
    private const int Default = 16 * 1024 * 1024;

    [Fact]
    public async Task Sixteen_mebibytes_pass_in_both_directions()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        string text = new('a', Default);
        Assert.Equal(Default, (await server.SayAsync(text)).Length);
    }

    [Fact]
    public async Task A_longer_request_is_resource_exhausted_at_the_server()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var channel = GrpcChannel.ForUnixSocket(server.SocketPath, new GrpcChannelOptions { MaxSendMessageSize = null });
        Assert.Equal(StatusCode.ResourceExhausted, await CallAsync(channel, new string('a', Default + 1)));
        Assert.Equal("still here", await server.SayAsync("still here"));
    }

    [Fact]
    public async Task A_longer_request_is_resource_exhausted_at_the_client()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        Assert.Equal(StatusCode.ResourceExhausted, await CallAsync(server.Channel, new string('a', Default + 1)));
    }

    [Fact]
    public async Task A_longer_response_is_resource_exhausted_and_nothing_of_it_is_sent()
    {
        await using EchoServer server = await EchoServer.StartAsync((_, _) => Task.FromResult(new string('a', Default + 1)));
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8));
        Assert.Equal("8", answer.Headers["grpc-status"]);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task A_response_that_the_client_does_not_want_so_long_is_resource_exhausted()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var channel = GrpcChannel.ForUnixSocket(server.SocketPath, new GrpcChannelOptions { MaxReceiveMessageSize = 100 });
        Assert.Equal(StatusCode.ResourceExhausted, await CallAsync(channel, new string('a', 101)));
    }

    [Fact]
    public async Task Limits_can_be_chosen()
    {
        await using EchoServer server = await EchoServer.StartAsync(configure: options => options.MaxReceiveMessageSize = 10);
        Assert.Equal("0123456789", await server.SayAsync("0123456789"));
        Assert.Equal(StatusCode.ResourceExhausted, (await server.SayStatusAsync("0123456789a")).StatusCode);
    }

    private static async Task<StatusCode> CallAsync(GrpcChannel channel, string text)
    {
        using AsyncUnaryCall<string> call = channel.CreateCallInvoker().AsyncUnaryCall(EchoServer.Say, null, default, text);
        return (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode;
    }
}
