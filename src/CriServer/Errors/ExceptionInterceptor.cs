using CriRuntime.CriServer.State;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace CriRuntime.CriServer.Errors;

/// <summary>Gives every call that failed its status; services and domain code choose none. What is the runtime's own fault is logged with its stack.</summary>
public sealed class ExceptionInterceptor(RuntimeSettings settings, ILogger<ExceptionInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, context);
        }
    }

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        if (exception is RpcException already)
            return already;
        Status status = StatusMapping.ToStatus(exception);
        if (status.StatusCode == StatusCode.Internal)
            ErrorLog.Failed(logger, context.Method, exception);
        return new RpcException(new Status(status.StatusCode, status.Detail + FullDisk.Explain(exception, settings)));
    }
}

internal static partial class ErrorLog
{
    [LoggerMessage(LogLevel.Error, "{Method} failed")]
    public static partial void Failed(ILogger logger, string method, Exception exception);
}
