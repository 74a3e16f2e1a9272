using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Makes calls as HTTP/2 requests.</summary>
/// <param name="closed">Ends every call.</param>
internal sealed class HttpCallInvoker(HttpMessageInvoker http, Uri address, GrpcChannelOptions options, CancellationToken closed) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request)
    {
        using AsyncUnaryCall<TResponse> call = AsyncUnaryCall(method, host, options, request);
        return call.GetAwaiter().GetResult(); // blocking is what this method promises; nothing in a call needs the caller's thread
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request)
    {
        ClientCall<TRequest, TResponse> call = NewCall(method, options);
        Task<TResponse> response = call.ReadSingleAsync(request, host);
        return new AsyncUnaryCall<TResponse>(response, call.ResponseHeaders, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request)
    {
        ClientCall<TRequest, TResponse> call = NewCall(method, options);
        call.Start(request, host);
        return new AsyncServerStreamingCall<TResponse>(call, call.ResponseHeaders, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private ClientCall<TRequest, TResponse> NewCall<TRequest, TResponse>(Method<TRequest, TResponse> method, CallOptions call)
        where TRequest : class
        where TResponse : class =>
        new(http, address, options, method, call, closed);
}
