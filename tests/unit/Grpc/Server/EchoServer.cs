using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests.Server;

/// <summary>A real server on a unix socket in a directory of its own, with two methods that a test supplies.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    internal const string SayPath = "/test.Echo/Say";
    internal const string CountPath = "/test.Echo/Count";

    internal static readonly Method<string, string> Say =
        new(MethodType.Unary, "test.Echo", "Say", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    internal static readonly Method<string, string> Count =
        new(MethodType.ServerStreaming, "test.Echo", "Count", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    private readonly WebApplication _app;
    private readonly DirectoryInfo _directory;

    private EchoServer(WebApplication app, DirectoryInfo directory)
    {
        _app = app;
        _directory = directory;
        Channel = GrpcChannel.ForUnixSocket(SocketPath);
    }

    internal string SocketPath => Path.Combine(_directory.FullName, "test.sock");

    internal GrpcChannel Channel { get; }

    internal CallInvoker Client => Channel.CreateCallInvoker();

    internal static async Task<EchoServer> StartAsync(
        UnaryServerMethod<string, string>? say = null,
        ServerStreamingServerMethod<string, string>? count = null,
        Action<GrpcServiceOptions>? configure = null)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("grpc");
        WebApplication app = Build(Path.Combine(directory.FullName, "test.sock"), configure);
        app.MapGrpcService(ServerServiceDefinition.CreateBuilder()
            .AddMethod(Say, say ?? ((request, _) => Task.FromResult(request)))
            .AddMethod(Count, count ?? CountUpAsync)
            .Build());
        await app.StartAsync();
        return new EchoServer(app, directory);
    }

    internal static WebApplication Build(string socketPath, Action<GrpcServiceOptions>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ListenGrpcUnixSocket(socketPath);
        builder.Services.AddGrpc(configure);
        return builder.Build();
    }

    internal async Task<string> SayAsync(string text, CallOptions options = default)
    {
        using AsyncUnaryCall<string> call = Client.AsyncUnaryCall(Say, null, options, text);
        return await call;
    }

    internal async Task<Status> SayStatusAsync(string text, CallOptions options = default)
    {
        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => SayAsync(text, options));
        return failure.Status;
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>Answers "3" with "0", "1", "2".</summary>
    private static async Task CountUpAsync(string request, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        for (int i = 0; i < int.Parse(request, System.Globalization.CultureInfo.InvariantCulture); i++)
            await responses.WriteAsync(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
