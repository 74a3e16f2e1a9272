using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.Images.Tests.Registry;

public sealed class BlobFetchTests
{
    private readonly TestImage _image = new(layerSize: 3_000_000);

    [Fact]
    public async Task A_blob_is_streamed_verified_and_counted()
    {
        await using FakeRegistry registry = await StartAsync();
        Counter counter = new();
        using RegistryClient client = new(registry.PlainOptions(), counter);
        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal(_image.Layer.Length, counter.Bytes);
    }

    [Fact]
    public async Task A_blob_can_be_read_from_an_offset()
    {
        await using FakeRegistry registry = await StartAsync();
        using RegistryClient client = new(registry.PlainOptions());
        RegistryRepository repository = client.Open(registry.Image("team/app:1"), null);
        Assert.Equal(_image.Layer[1_000_000..], await repository.ReadBlobAsync(_image.LayerDescriptor, 1_000_000));
        Assert.Empty(await repository.ReadBlobAsync(_image.LayerDescriptor, _image.Layer.Length));
    }

    [Fact]
    public async Task A_broken_connection_is_resumed_at_the_next_byte()
    {
        await using FakeRegistry registry = await StartAsync();
        registry.Intercept = BreakAfter(1_200_000, breaks: 2);
        using RegistryClient client = new(registry.PlainOptions());
        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal(3, registry.Requests.Count);
        Assert.All(registry.Requests.Skip(1), r => Assert.Matches("^bytes=[1-9][0-9]*-$", r.Range));
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_is_read_again_from_the_start()
    {
        await using FakeRegistry registry = await StartAsync();
        int requests = 0;
        registry.Intercept = async http =>
        {
            http.Response.ContentLength = _image.Layer.Length;
            bool breaks = ++requests == 1;
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(0, breaks ? 1_500_000 : _image.Layer.Length));
            if (breaks)
                await AbortAsync(http);
            return true;
        };
        using RegistryClient client = new(registry.PlainOptions());
        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task A_server_that_answers_another_range_is_not_believed()
    {
        await using FakeRegistry registry = await StartAsync();
        Func<HttpContext, Task<bool>> breaking = BreakAfter(1_500_000, breaks: 1);
        registry.Intercept = async http =>
        {
            if (http.Request.Headers.Range.Count == 0)
                return await breaking(http);
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes 7-{_image.Layer.Length - 1}/{_image.Layer.Length}";
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(7));
            return true;
        };
        ImageException e = await FailsAsync(registry, ImageErrorKind.DataLoss);
        Assert.Contains("a range that was not asked for", e.Message);
    }

    [Fact]
    public async Task A_stalled_connection_is_replaced()
    {
        await using FakeRegistry registry = await StartAsync();
        int requests = 0;
        registry.Intercept = async http =>
        {
            if (++requests > 1)
                return false;
            http.Response.ContentLength = _image.Layer.Length;
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(0, 2_000_000));
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
            return true;
        };
        using RegistryClient client = new(registry.PlainOptions());
        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
    }

    [Fact]
    public async Task A_server_that_drips_bytes_is_given_up_after_bounded_attempts()
    {
        await using FakeRegistry registry = await StartAsync();
        registry.Intercept = async http =>
        {
            http.Response.ContentLength = _image.Layer.Length;
            while (true)
            {
                await http.Response.Body.WriteAsync(new byte[1], http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(20, http.RequestAborted);
            }
        };
        RegistryOptions options = registry.PlainOptions() with
        {
            MinimumThroughput = 10_000,
            ThroughputWindow = TimeSpan.FromMilliseconds(200),
        };
        ImageException e = await FailsAsync(registry, ImageErrorKind.Unavailable, options);
        Assert.Contains("bytes came in", e.Message);
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task A_blob_with_other_content_is_corrupt_before_its_last_byte_is_handed_out()
    {
        await using FakeRegistry registry = await StartAsync();
        byte[] tampered = [.. _image.Layer];
        tampered[17] ^= 1;
        registry.Blobs[_image.LayerDescriptor.Digest.ToString()] = tampered;
        using RegistryClient client = new(registry.PlainOptions());
        await using Stream stream = await client.Open(registry.Image("team/app:1"), null)
            .OpenBlobAsync(_image.LayerDescriptor, 0, default);
        using MemoryStream got = new();
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => stream.CopyToAsync(got));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
        Assert.True(got.Length < tampered.Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(+1)]
    public async Task A_blob_of_another_announced_size_is_refused_before_it_is_read(int difference)
    {
        await using FakeRegistry registry = await StartAsync();
        using RegistryClient client = new(registry.PlainOptions());
        Descriptor lying = _image.LayerDescriptor with { Size = _image.Layer.Length + difference };
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), null).OpenBlobAsync(lying, 0, default));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
        Assert.Contains(_image.Layer.Length.ToString(), e.Message);
    }

    [Fact]
    public async Task An_endless_blob_is_cut_off_at_its_size()
    {
        await using FakeRegistry registry = await StartAsync();
        TaskCompletionSource cutOff = new();
        registry.Intercept = async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(_image.Layer);
            cutOff.SetResult();
            return true;
        };
        await FailsAsync(registry, ImageErrorKind.DataLoss);
        await cutOff.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_blob_that_is_shorter_than_its_descriptor_is_corrupt()
    {
        await using FakeRegistry registry = await StartAsync();
        registry.Intercept = async http =>
        {
            if (http.Request.Headers.Range.Count == 0)
                await http.Response.Body.WriteAsync(_image.Layer.AsMemory(0, 1000));
            else
                http.Response.StatusCode = 416;
            return true;
        };
        await FailsAsync(registry, ImageErrorKind.DataLoss);
        Assert.Equal(2, registry.Requests.Count);
    }

    [Fact]
    public async Task A_blob_over_the_limit_is_not_asked_for()
    {
        await using FakeRegistry registry = await StartAsync();
        await FailsAsync(registry, ImageErrorKind.ResourceExhausted, registry.PlainOptions() with { MaxBlobSize = 1000 });
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task An_unknown_blob_is_not_found()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        ImageException e = await FailsAsync(registry, ImageErrorKind.NotFound);
        Assert.Contains(_image.LayerDescriptor.Digest.ToString(), e.Message);
    }

    [Fact]
    public async Task Cancelling_a_pull_ends_a_pending_read_at_once()
    {
        await using FakeRegistry registry = await StartAsync();
        registry.Intercept = async http =>
        {
            http.Response.ContentLength = _image.Layer.Length;
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(0, 1000));
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
            return true;
        };
        using RegistryClient client = new(registry.PlainOptions() with { StallTimeout = TimeSpan.FromMinutes(5) });
        using CancellationTokenSource pull = new();
        await using Stream stream = await client.Open(registry.Image("team/app:1"), null)
            .OpenBlobAsync(_image.LayerDescriptor, 0, pull.Token);
        Task<byte[]> reading = stream.ReadAllAsync(pull.Token);
        await Task.Delay(100);
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        await pull.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task An_empty_blob_needs_no_request()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        using RegistryClient client = new(registry.PlainOptions());
        RegistryRepository repository = client.Open(registry.Image("team/app:1"), null);
        Assert.Empty(await repository.ReadBlobAsync(new Descriptor(MediaTypes.OciLayer, Digest.Sha256([]), 0)));
        await Assert.ThrowsAsync<ImageException>(
            () => repository.ReadBlobAsync(new Descriptor(MediaTypes.OciLayer, Digest.Sha256("x"u8), 0)));
    }

    private async Task<FakeRegistry> StartAsync()
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(_image);
        return registry;
    }

    private async Task<ImageException> FailsAsync(FakeRegistry registry, ImageErrorKind kind, RegistryOptions? options = null)
    {
        using RegistryClient client = new(options ?? registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal((kind, e.Message), (e.Kind, e.Message));
        return e;
    }

    /// <summary>Breaks the first connections after so many bytes, and serves ranges honestly otherwise.</summary>
    private Func<HttpContext, Task<bool>> BreakAfter(int bytes, int breaks)
    {
        return async http =>
        {
            if (breaks-- <= 0)
                return false;
            int from = (int)(http.Request.GetTypedHeaders().Range?.Ranges.First().From ?? 0);
            http.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0)
                http.Response.Headers.ContentRange = $"bytes {from}-{_image.Layer.Length - 1}/{_image.Layer.Length}";
            http.Response.ContentLength = _image.Layer.Length - from;
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(from, bytes));
            await AbortAsync(http);
            return true;
        };
    }

    /// <summary>Lets what was written leave, then resets the connection.</summary>
    private static async Task AbortAsync(HttpContext http)
    {
        await http.Response.Body.FlushAsync();
        await Task.Delay(100);
        http.Abort();
    }

    private sealed class Counter : IRegistryObserver
    {
        private long _bytes;

        public long Bytes => _bytes;

        public void BytesReceived(string image, Descriptor blob, int count) => Interlocked.Add(ref _bytes, count);
    }
}
