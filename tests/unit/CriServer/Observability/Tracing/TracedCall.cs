using System.Diagnostics;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Tracing;
using Grpc.Core;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>A call that comes through the interceptor, with or without a traced caller.</summary>
internal sealed class TracedCall
{
    public ActivityTraceId TraceId { get; } = ActivityTraceId.CreateRandom();

    /// <summary>The caller's.</summary>
    public ActivitySpanId ParentId { get; } = ActivitySpanId.CreateRandom();

    public Task<T> SampledAsync<T>(string method, Func<Task<T>> work) => RunAsync(method, work, $"00-{TraceId}-{ParentId}-01");

    public Task<T> UnsampledAsync<T>(string method, Func<Task<T>> work) => RunAsync(method, work, $"00-{TraceId}-{ParentId}-00");

    /// <summary>Sampled calls of one span each.</summary>
    public async Task ManyAsync(int count)
    {
        for (int i = 0; i < count; i++)
            await SampledAsync("Version", () => Task.FromResult(""));
        Assert.True(Spans.Source.HasListeners());
    }

    public static async Task<T> RunAsync<T>(string method, Func<Task<T>> work, string? traceparent = null)
    {
        T? result = default;
        Metadata headers = traceparent is null ? [] : new Metadata { { "traceparent", traceparent } };
        await new TracingInterceptor().UnaryServerHandler<string, string>("", new CallContext(headers, $"/runtime.v1.RuntimeService/{method}"), async (_, _) =>
        {
            result = await work();
            return "";
        });
        return result!;
    }
}

/// <summary>Tests that listen to spans run alone: listeners are the process's.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class TracingCollection
{
    public const string Name = "tracing";
}
