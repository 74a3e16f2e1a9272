using System.Net;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>Serves every gRPC request: checks that it is one, finds the method, runs it, and says how it ended.</summary>
internal sealed class GrpcDispatcher(
    GrpcMethodTable methods,
    IOptions<GrpcServiceOptions> options,
    ILogger<GrpcDispatcher> logger)
{
    internal Task InvokeAsync(HttpContext http)
    {
        if (Refusal(http.Request) is { } refusal)
        {
            http.Response.StatusCode = (int)refusal;
            return Task.CompletedTask;
        }

        http.Response.ContentType = GrpcHeaders.ContentType;
        return RunAsync(new ServerCall(http, options.Value));
    }

    /// <summary>Requests that are no gRPC get a plain HTTP answer (PROTOCOL-HTTP2.md: 415 for a foreign content type).</summary>
    private static HttpStatusCode? Refusal(HttpRequest request)
    {
        if (!HttpProtocol.IsHttp2(request.Protocol)) return HttpStatusCode.HttpVersionNotSupported;
        if (!HttpMethods.IsPost(request.Method)) return HttpStatusCode.MethodNotAllowed;
        return GrpcHeaders.IsGrpcContentType(request.ContentType) ? null : HttpStatusCode.UnsupportedMediaType;
    }

    private async Task RunAsync(ServerCall call)
    {
        try
        {
            call.Begin();
            if (methods.Find(call.Method) is { } method)
            {
                await method.InvokeAsync(call).ConfigureAwait(false);
                call.End(call.Status, null);
            }
            else
            {
                call.End(methods.DescribeMissing(call.Method), null);
            }
        }
        catch (RpcException exception)
        {
            call.End(exception.Status, exception.Trailers);
        }
        catch (Exception exception)
        {
            call.End(Explain(call, exception), null);
        }
        finally
        {
            await call.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The status of an exception that no interceptor mapped.</summary>
    private Status Explain(ServerCall call, Exception exception)
    {
        if (call.DeadlinePassed) return new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded");
        if (call.Http.RequestAborted.IsCancellationRequested)
        {
            // nobody will read the status; the request's own exceptions are how Kestrel says so
            Log.ClientGone(logger, call.Method);
            return Status.DefaultCancelled;
        }

        if (exception is BadHttpRequestException)
            return new Status(StatusCode.Internal, $"The request could not be read: {exception.Message}");

        Log.Unmapped(logger, call.Method, exception);
        return new Status(
            StatusCode.Unknown,
            options.Value.EnableDetailedErrors
                ? $"Exception was thrown by handler. {exception.GetType().Name}: {exception.Message}"
                : "Exception was thrown by handler.");
    }
}
