using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.Tests.Server;

public sealed class InterceptorTests
{
    [Fact]
    public async Task The_first_interceptor_is_the_outermost()
    {
        var order = new ConcurrentQueue<string>();
        await using EchoServer server = await EchoServer.StartAsync(
            (request, _) =>
            {
                order.Enqueue("service");
                return Task.FromResult(request);
            },
            configure: options =>
            {
                options.Interceptors.Add(new Recorder("outer", order));
                options.Interceptors.Add(new Recorder("inner", order));
            });
        await server.SayAsync("x");
        Assert.Equal(["outer in", "inner in", "service", "inner out", "outer out"], order);
    }

    [Fact]
    public async Task Streams_pass_through_interceptors_as_well()
    {
        var order = new ConcurrentQueue<string>();
        await using EchoServer server = await EchoServer.StartAsync(
            configure: options => options.Interceptors.Add(new Recorder("one", order)));
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "2");
        while (await call.ResponseStream.MoveNext(default))
        {
        }

        Assert.Equal(["one in", "one out"], order);
    }

    [Fact]
    public async Task An_interceptor_maps_exceptions_to_a_status()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            (_, _) => throw new KeyNotFoundException("pod 7"),
            (_, _, _) => throw new KeyNotFoundException("pod 8"),
            options => options.Interceptors.Add(new Mapper()));
        Assert.Equal(new Status(StatusCode.NotFound, "pod 7"), await server.SayStatusAsync("x"));
        using AsyncServerStreamingCall<string> call = server.Client.AsyncServerStreamingCall(EchoServer.Count, null, default, "2");
        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));
        Assert.Equal(new Status(StatusCode.NotFound, "pod 8"), failure.Status);
    }

    private sealed class Recorder(string name, ConcurrentQueue<string> order) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request,
            ServerCallContext context,
            UnaryServerMethod<TRequest, TResponse> continuation)
        {
            order.Enqueue(name + " in");
            TResponse response = await continuation(request, context);
            order.Enqueue(name + " out");
            return response;
        }

        public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            order.Enqueue(name + " in");
            await continuation(request, responseStream, context);
            order.Enqueue(name + " out");
        }
    }

    private sealed class Mapper : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request,
            ServerCallContext context,
            UnaryServerMethod<TRequest, TResponse> continuation)
        {
            try
            {
                return await continuation(request, context);
            }
            catch (KeyNotFoundException exception)
            {
                throw new RpcException(new Status(StatusCode.NotFound, exception.Message));
            }
        }

        public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            try
            {
                await continuation(request, responseStream, context);
            }
            catch (KeyNotFoundException exception)
            {
                throw new RpcException(new Status(StatusCode.NotFound, exception.Message));
            }
        }
    }
}
