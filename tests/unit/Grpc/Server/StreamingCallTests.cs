using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;

namespace Grpc.Tests.Server;

/// <summary>Alone while they run: descriptors are counted, and those of other tests would be counted too.</summary>
[CollectionDefinition(nameof(StreamingCallTests), DisableParallelization = true)]
[Collection(nameof(StreamingCallTests))]
public sealed class StreamingCallTests
{
    [Fact]
    public async Task Messages_arrive_in_order_and_the_stream_ends()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "500");
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), await ReadAsync(call));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_stream_without_messages_ends_with_ok()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "0");
        Assert.Empty(await ReadAsync(call));
    }

    [Fact]
    public async Task A_message_arrives_before_the_next_one_exists()
    {
        var received = new TaskCompletionSource();
        await using EchoServer server = await EchoServer.StartAsync(count: async (_, responses, _) =>
        {
            await responses.WriteAsync("first");
            await received.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await responses.WriteAsync("second");
        });
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "");
        Assert.True(await call.ResponseStream.MoveNext(default));
        received.SetResult();
        Assert.Equal(["second"], await ReadAsync(call));
    }

    [Fact]
    public async Task A_failure_after_messages_arrives_with_its_status_and_trailers()
    {
        await using EchoServer server = await EchoServer.StartAsync(count: async (_, responses, _) =>
        {
            await responses.WriteAsync("one");
            throw new RpcException(new Status(StatusCode.DataLoss, "größe"), new Metadata { { "why", "disk" } });
        });
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "");
        Assert.True(await call.ResponseStream.MoveNext(default));
        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));
        Assert.Equal(new Status(StatusCode.DataLoss, "größe"), failure.Status);
        Assert.Equal("disk", failure.Trailers.GetValue("why"));
    }

    [Fact]
    public async Task A_second_write_during_a_write_is_refused()
    {
        var refused = new TaskCompletionSource<Exception>();
        await using EchoServer server = await EchoServer.StartAsync(count: async (_, responses, context) =>
        {
            Task first = responses.WriteAsync(new string('x', 8_000_000)); // more than the flow-control window
            refused.SetResult((await Record.ExceptionAsync(() => responses.WriteAsync("second")))!);
            await first;
        });
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "");
        Assert.IsType<InvalidOperationException>(await refused.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Single(await ReadAsync(call));
    }

    [Fact]
    public async Task A_write_after_the_end_of_the_call_is_refused()
    {
        IServerStreamWriter<string>? kept = null;
        await using EchoServer server = await EchoServer.StartAsync(count: (_, responses, _) =>
        {
            kept = responses;
            return Task.CompletedTask;
        });
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "");
        Assert.Empty(await ReadAsync(call));
        await Assert.ThrowsAnyAsync<Exception>(() => kept!.WriteAsync("late"));
    }

    [Fact]
    public async Task Clients_that_vanish_mid_stream_leave_no_method_running_and_no_descriptor_open()
    {
        int running = 0;
        await using EchoServer server = await EchoServer.StartAsync(count: async (_, responses, _) =>
        {
            Interlocked.Increment(ref running);
            try
            {
                while (true) // never looks at its token
                {
                    await responses.WriteAsync("tick");
                    await Task.Delay(5);
                }
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        });
        await server.SayAsync("warm");
        List<object> calls = [];
        for (int i = 0; i < 50; i++)
        {
            using var channel = GrpcChannel.ForUnixSocket(server.SocketPath);
            AsyncServerStreamingCall<string> call = channel.CreateCallInvoker().AsyncServerStreamingCall(EchoServer.Count, null, default, "");
            Assert.True(await call.ResponseStream.MoveNext(default));
            calls.Add(call); // nothing but the channel's end ends it
        }

        await WaitUntilAsync(() => Volatile.Read(ref running) == 0 && Connections(server.SocketPath) <= 1); // the server's own client stays
        GC.KeepAlive(calls);
        Assert.Equal("still here", await server.SayAsync("still here"));
    }

    internal static async Task WaitUntilAsync(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "It did not happen within 20 s.");
            await Task.Delay(20);
        }
    }

    /// <summary>A connection that was accepted is known by the path of the socket that listens, which has one line more.</summary>
    private static int Connections(string socketPath) =>
        File.ReadAllLines("/proc/net/unix").Count(line => line.EndsWith(" " + socketPath, StringComparison.Ordinal)) - 1;

    private static async Task<List<string>> ReadAsync(AsyncServerStreamingCall<string> call)
    {
        var messages = new List<string>();
        await foreach (string message in call.ResponseStream.ReadAllAsync()) messages.Add(message);
        return messages;
    }
}
