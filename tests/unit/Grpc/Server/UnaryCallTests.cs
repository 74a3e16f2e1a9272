using Grpc.Core;

namespace Grpc.Tests.Server;

public sealed class UnaryCallTests
{
    [Fact]
    public async Task A_request_is_answered()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        Assert.Equal("hello", await server.SayAsync("hello"));
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        Assert.Equal("", await server.SayAsync(""));
    }

    [Fact]
    public async Task A_message_larger_than_every_buffer_arrives_whole()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        string large = string.Concat(Enumerable.Range(0, 1_000_000).Select(i => (char)('a' + (i % 26))));
        Assert.Equal(large, await server.SayAsync(large));
    }

    [Theory]
    [InlineData("plain words")]
    [InlineData("100% of pod \"größe\" 容器 🚢 failed\nline two\ttab")]
    [InlineData("%41%zz%")]
    public async Task A_status_message_arrives_as_it_was_written(string message)
    {
        await using EchoServer server = await EchoServer.StartAsync(
            (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, message)));
        Status status = await server.SayStatusAsync("x");
        Assert.Equal(StatusCode.FailedPrecondition, status.StatusCode);
        Assert.Equal(message, status.Detail);
    }

    [Fact]
    public async Task A_status_message_beyond_reason_is_cut_and_the_code_survives()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            (_, _) => throw new RpcException(new Status(StatusCode.NotFound, new string('é', 1_000_000))));
        Status status = await server.SayStatusAsync("x");
        Assert.Equal(StatusCode.NotFound, status.StatusCode);
        Assert.EndsWith("... (cut)", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unmapped_exception_is_unknown_and_tells_no_secrets()
    {
        await using EchoServer server = await EchoServer.StartAsync((_, _) => throw new InvalidOperationException("password is 1234"));
        Status status = await server.SayStatusAsync("x");
        Assert.Equal(StatusCode.Unknown, status.StatusCode);
        Assert.DoesNotContain("1234", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detailed_errors_are_told_when_switched_on()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            (_, _) => throw new InvalidOperationException("the cause"), configure: options => options.EnableDetailedErrors = true);
        Assert.Contains("the cause", (await server.SayStatusAsync("x")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_set_in_the_context_ends_the_call_with_it()
    {
        await using EchoServer server = await EchoServer.StartAsync((request, context) =>
        {
            context.Status = new Status(StatusCode.Aborted, "no");
            return Task.FromResult(request);
        });
        Assert.Equal(new Status(StatusCode.Aborted, "no"), await server.SayStatusAsync("x"));
    }

    [Fact]
    public async Task A_response_that_is_null_is_internal()
    {
        await using EchoServer server = await EchoServer.StartAsync((_, _) => Task.FromResult<string>(null!));
        Assert.Equal(StatusCode.Internal, (await server.SayStatusAsync("x")).StatusCode);
    }

    [Fact]
    public async Task Two_hundred_calls_run_at_the_same_time()
    {
        const int Calls = 200;
        int arrived = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using EchoServer server = await EchoServer.StartAsync(async (request, _) =>
        {
            if (Interlocked.Increment(ref arrived) == Calls) all.SetResult();
            await all.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return request;
        });
        string[] answers = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => server.SayAsync($"{i}")));
        Assert.Equal(Enumerable.Range(0, Calls).Select(i => $"{i}"), answers);
    }

    [Fact]
    public async Task A_blocking_call_blocks_and_answers()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        Assert.Equal("hello", server.Client.BlockingUnaryCall(EchoServer.Say, null, default, "hello"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        using var channel = Net.Client.GrpcChannel.ForAddress("unix:///nonexistent/test.sock");
        using AsyncUnaryCall<string> call = channel.CreateCallInvoker().AsyncUnaryCall(EchoServer.Say, null, default, "x");
        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }
}
