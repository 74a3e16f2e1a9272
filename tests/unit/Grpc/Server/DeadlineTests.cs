using System.Diagnostics;
using Grpc.Core;

namespace Grpc.Tests.Server;

public sealed class DeadlineTests
{
    [Fact]
    public async Task The_client_gets_deadline_exceeded_and_the_method_is_cancelled()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using EchoServer server = await EchoServer.StartAsync(async (request, context) =>
        {
            context.CancellationToken.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return request;
        });
        Status status = await server.SayStatusAsync("x", new CallOptions(deadline: DateTime.UtcNow.AddSeconds(2))); // long enough for the method to be reached
        Assert.Equal(StatusCode.DeadlineExceeded, status.StatusCode);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_server_itself_answers_deadline_exceeded_even_while_the_method_ignores_its_token()
    {
        var finish = new TaskCompletionSource();
        await using EchoServer server = await EchoServer.StartAsync(async (request, _) =>
        {
            await finish.Task;
            return request;
        });
        using var raw = new RawClient(server.SocketPath);
        var clock = Stopwatch.StartNew();
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("grpc-timeout", "50m"));
        Assert.Equal("4", answer.Status);
        Assert.InRange(clock.ElapsedMilliseconds, 45, 30_000);
        finish.SetResult();
    }

    [Fact]
    public async Task A_stream_that_outlives_its_deadline_ends_with_it_as_a_trailer()
    {
        await using EchoServer server = await EchoServer.StartAsync(count: async (_, responses, context) =>
        {
            await responses.WriteAsync("one");
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        });
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.CountPath, RawClient.Frame("x"u8), headers: ("grpc-timeout", "100m"));
        Assert.Equal("4", answer.Trailers["grpc-status"]);
        Assert.Equal(RawClient.Frame("one"u8), answer.Body);
    }

    [Fact]
    public async Task A_deadline_in_the_past_never_reaches_the_method()
    {
        bool called = false;
        await using EchoServer server = await EchoServer.StartAsync((request, _) =>
        {
            called = true;
            return Task.FromResult(request);
        });
        using var raw = new RawClient(server.SocketPath);
        Assert.Equal("4", (await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("grpc-timeout", "0m"))).Status);
        Assert.Equal(
            StatusCode.DeadlineExceeded,
            (await server.SayStatusAsync("x", new CallOptions(deadline: DateTime.UtcNow.AddSeconds(-1)))).StatusCode);
        Assert.False(called);
    }

    [Fact]
    public async Task The_context_tells_the_deadline()
    {
        DateTime seen = default;
        await using EchoServer server = await EchoServer.StartAsync((request, context) =>
        {
            seen = context.Deadline;
            return Task.FromResult(request);
        });
        DateTime deadline = DateTime.UtcNow.AddSeconds(60);
        await server.SayAsync("x", new CallOptions(deadline: deadline));
        Assert.InRange(seen, deadline.AddSeconds(-2), deadline.AddSeconds(2));
        await server.SayAsync("x");
        Assert.Equal(DateTime.MaxValue, seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("S")]
    [InlineData("-5S")]
    [InlineData("123456789S")]
    [InlineData("5x")]
    public async Task A_malformed_timeout_is_internal(string timeout)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        RawAnswer answer = await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("grpc-timeout", timeout));
        Assert.Equal("13", answer.Status);
        Assert.Contains("grpc-timeout", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("10S")]
    [InlineData("99999999u")]
    public async Task Every_unit_is_understood(string timeout)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.SocketPath);
        Assert.Equal("0", (await raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("grpc-timeout", timeout))).Status);
    }

    [Fact]
    public async Task A_client_that_cancels_gets_cancelled_and_so_does_the_method()
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using EchoServer server = await EchoServer.StartAsync(async (request, context) =>
        {
            context.CancellationToken.Register(cancelled.SetResult);
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return request;
        });
        using var source = new CancellationTokenSource();
        Task<Status> status = server.SayStatusAsync(
            "x", new CallOptions(cancellationToken: source.Token, deadline: DateTime.UtcNow.AddMinutes(1)));
        await entered.Task;
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await status).StatusCode);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Deadlines_that_race_with_the_end_of_the_method_do_no_harm()
    {
        await using EchoServer server = await EchoServer.StartAsync(async (request, _) =>
        {
            await Task.Delay(10);
            return request;
        });
        using var raw = new RawClient(server.SocketPath);
        RawAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            raw.PostAsync(EchoServer.SayPath, RawClient.Frame("x"u8), headers: ("grpc-timeout", $"{9000 + (i * 20)}u"))));
        Assert.All(answers, answer => Assert.True(answer.Status is "0" or "4", answer.Status));
        Assert.Equal("fine", await server.SayAsync("fine"));
    }
}
