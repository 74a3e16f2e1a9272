using System.Diagnostics;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Registry;

public sealed class RetryTests
{
    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_failure_that_passes_is_retried(int status)
    {
        await using FakeRegistry registry = await StartFailingAsync(status, times: 2, retryAfter: null);
        await FetchAsync(registry);
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task Retry_After_is_obeyed()
    {
        await using FakeRegistry registry = await StartFailingAsync(429, times: 1, retryAfter: "1");
        long began = Stopwatch.GetTimestamp();
        await FetchAsync(registry);
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds(0.95));
    }

    [Fact]
    public async Task A_Retry_After_beyond_reason_is_not_waited_for()
    {
        await using FakeRegistry registry = await StartFailingAsync(429, times: 1, retryAfter: "86400");
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry));
        Assert.Equal(ImageErrorKind.Unavailable, e.Kind);
        Assert.Contains("rate limit", e.Message);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        await using FakeRegistry registry = await StartFailingAsync(502, times: 100, retryAfter: null);
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry));
        Assert.Equal(ImageErrorKind.Unavailable, e.Kind);
        Assert.Equal(3, registry.Requests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task What_would_fail_again_is_not_retried(int status)
    {
        await using FakeRegistry registry = await StartFailingAsync(status, times: 100, retryAfter: null);
        await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry));
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = async http =>
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
            return true;
        };
        using RegistryClient client = new(registry.PlainOptions() with { ResponseTimeout = TimeSpan.FromMilliseconds(200) });
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), null).FetchManifestAsync(null, default));
        Assert.Contains("did not answer in time", e.Message);
    }

    [Fact]
    public async Task A_registry_that_is_not_there_is_unavailable()
    {
        using RegistryClient client = new(FakeRegistry.Quick(new() { ["127.0.0.1:1"] = new() { PlainHttp = true } }));
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(CriRuntime.Images.References.Reference.Parse("127.0.0.1:1/x"), null).FetchManifestAsync(null, default));
        Assert.Equal(ImageErrorKind.Unavailable, e.Kind);
        Assert.Contains("127.0.0.1:1", e.Message);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_between_tries()
    {
        await using FakeRegistry registry = await StartFailingAsync(503, times: 100, retryAfter: "30");
        using RegistryClient client = new(registry.PlainOptions() with { MaxRetryDelay = TimeSpan.FromMinutes(1) });
        using CancellationTokenSource pull = new();
        long began = Stopwatch.GetTimestamp();
        Task fetching = client.Open(registry.Image("team/app:1"), null).FetchManifestAsync(null, pull.Token);
        while (registry.Requests.IsEmpty)
            await Task.Delay(10);
        await pull.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Delays_double_with_jitter_up_to_the_limit()
    {
        RetrySchedule schedule = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        for (int round = 0; round < 100; round++)
        {
            Assert.InRange(schedule.DelayAfter(1, null)!.Value.TotalSeconds, 0.5, 1);
            Assert.InRange(schedule.DelayAfter(3, null)!.Value.TotalSeconds, 2, 4);
            Assert.InRange(schedule.DelayAfter(60, null)!.Value.TotalSeconds, 2.5, 5);
        }
        Assert.Equal(TimeSpan.FromSeconds(4), schedule.DelayAfter(1, TimeSpan.FromSeconds(4)));
        Assert.Null(schedule.DelayAfter(1, TimeSpan.FromSeconds(6)));
    }

    private static async Task FetchAsync(FakeRegistry registry)
    {
        using RegistryClient client = new(registry.PlainOptions());
        await client.Open(registry.Image("team/app:1"), null).FetchManifestAsync(null, default);
    }

    private static async Task<FakeRegistry> StartFailingAsync(int status, int times, string? retryAfter)
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(new TestImage());
        registry.Intercept = http =>
        {
            if (times-- <= 0)
                return Task.FromResult(false);
            http.Response.StatusCode = status;
            if (retryAfter is not null)
                http.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(true);
        };
        return registry;
    }
}
