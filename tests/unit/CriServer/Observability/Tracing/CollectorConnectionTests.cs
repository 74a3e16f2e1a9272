using System.Security.Cryptography.X509Certificates;
using CriRuntime.CriServer.Observability.Tracing;
using CriRuntime.Tests.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>The exporter and collectors of every protocol and temper.</summary>
[Collection(TracingCollection.Name)]
public sealed class CollectorConnectionTests : IDisposable
{
    private const int ResourceExhausted = 8;
    private const int Unavailable = 14;

    private readonly ExportingDaemon _daemon = new();
    private readonly CollectorCertificates _certificates = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _daemon.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_reaches_a_collector_by_grpc_without_tls(bool compress)
    {
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http2);
        await using (await GrpcAsync(collector, settings => settings with { Compress = compress, Headers = Authorization("Bearer hunter2hunter2") }))
        {
            await _daemon.Call.SampledAsync("RunPodSandbox", () => _daemon.Daemon.RunAsync());
            await _daemon.UntilSentAsync(5);
        }

        ReceivedSpan call = Assert.Single(collector.Spans, span => span.Name == "RunPodSandbox");
        Assert.Equal(_daemon.Call.TraceId.ToString(), call.TraceId);
        Assert.Equal(5, collector.Spans.Count);
        IReadOnlyDictionary<string, string> headers = collector.Headers.First();
        Assert.Equal(("Bearer hunter2hunter2", "trailers"), (headers["authorization"], headers["te"]));
        Assert.Equal(compress, headers.GetValueOrDefault("grpc-encoding") == "gzip");
        Assert.Empty(_daemon.Log.Lines);
    }

    [Fact]
    public async Task A_trace_reaches_a_collector_by_http_compressed_and_with_headers()
    {
        await using Collector collector = await Collector.StartAsync();
        await using (await _daemon.StartAsync(collector.Address, settings => settings with { Compress = true, Headers = Authorization("Bearer hunter2hunter2") }))
        {
            await _daemon.Call.ManyAsync(3);
            await _daemon.UntilSentAsync(3);
        }

        Assert.Equal(3, collector.Spans.Count);
        Assert.Equal(("Bearer hunter2hunter2", "gzip"), (collector.Headers.First()["authorization"], collector.Headers.First()["content-encoding"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_collector_is_known_by_its_authority_and_knows_the_node_by_its_certificate(bool grpc)
    {
        using X509Certificate2 certificate = _certificates.Server();
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http1AndHttp2, certificate, wantsClient: true);
        (string file, string key) = _certificates.Client();
        await using (await _daemon.StartAsync(collector.Address, settings => settings with { Grpc = grpc, Tls = CollectorTls.For(_certificates.AuthorityFile, file, key) }))
        {
            await _daemon.Call.ManyAsync(3);
            await _daemon.UntilSentAsync(3);
        }

        Assert.Equal(3, collector.Spans.Count);
        Assert.Equal("CN=node-7", collector.Headers.First()["client"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_authoritys_collector_gets_neither_spans_nor_headers(bool grpc)
    {
        using CollectorCertificates other = new();
        using X509Certificate2 certificate = other.Server();
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http1AndHttp2, certificate);
        await ExpectNothingSentAsync(collector, settings => settings with { Grpc = grpc, Tls = CollectorTls.For(_certificates.AuthorityFile, "", "") });
        await ExpectNothingSentAsync(collector, settings => settings with { Grpc = grpc }, alreadyDropped: 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_for_another_address_is_refused(bool grpc)
    {
        using X509Certificate2 certificate = _certificates.Server("127.0.0.2");
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http1AndHttp2, certificate);
        await ExpectNothingSentAsync(collector, settings => settings with { Grpc = grpc, Tls = CollectorTls.For(_certificates.AuthorityFile, "", "") });
    }

    [Fact]
    public async Task A_busy_collector_gets_the_spans_later()
    {
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http2);
        collector.Respond = (number, http) => number switch
        {
            1 => GrpcAnswer.TrailersOnly(http, Unavailable, "starting"),
            2 => GrpcAnswer.TrailersAsync(http, Unavailable, "starting"),
            3 => GrpcAnswer.TrailersOnly(http, ResourceExhausted, "slow down", GrpcAnswer.RetryAfter(0, 1_000_000)),
            _ => GrpcAnswer.MessageAsync(http, []),
        };
        await using ExportingDaemon.Exporter exporter = await GrpcAsync(collector);
        await _daemon.Call.ManyAsync(1);
        await ExportingDaemon.UntilAsync(() => collector.Spans.Count == 1 && _daemon.Log.Lines.Count == 2);
        Assert.Equal(4, collector.Requests);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _daemon.Log.Lines.Select(line => line.Level));
        Assert.Contains("Unavailable: starting", _daemon.Log.Lines[0].Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ResourceExhausted)]
    [InlineData(16)]
    [InlineData(3)]
    [InlineData(13)]
    [InlineData(4711)]
    public async Task A_refusal_by_grpc_is_not_repeated(int code)
    {
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http2);
        collector.Respond = (_, http) => GrpcAnswer.TrailersOnly(http, code, "no");
        await using ExportingDaemon.Exporter exporter = await GrpcAsync(collector);
        await _daemon.Call.ManyAsync(1);
        await _daemon.UntilDroppedAsync(1, "collector");
        Assert.Equal(1, collector.Requests);
    }

    [Fact]
    public async Task The_pause_that_a_collector_asks_for_is_kept()
    {
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http2);
        collector.Respond = (_, http) => GrpcAnswer.TrailersOnly(http, Unavailable, "", GrpcAnswer.RetryAfter(3600));
        await using ExportingDaemon.Exporter exporter = await GrpcAsync(collector, settings => settings with { QueueLimit = 1 });
        await _daemon.Call.ManyAsync(1);
        await ExportingDaemon.UntilAsync(() => _daemon.Log.Lines.Count == 1);
        await _daemon.Call.ManyAsync(100); // a call waits for nothing
        Assert.Equal(1, collector.Requests);
        await _daemon.UntilDroppedAsync(99, "queue");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Spans_that_a_collector_took_and_threw_away_are_counted_and_told_once(bool grpc)
    {
        await using Collector collector = await Collector.StartAsync(grpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        byte[] answer = GrpcAnswer.PartialSuccess(2, "too old");
        collector.Respond = (_, http) => grpc ? GrpcAnswer.MessageAsync(http, answer) : ProtobufAsync(http, 200, answer);
        await using ExportingDaemon.Exporter exporter = await _daemon.StartAsync(
            collector.Address, settings => settings with { Grpc = grpc, Interval = TimeSpan.FromMilliseconds(200) });
        for (int batch = 1; batch <= 2; batch++)
        {
            await _daemon.Call.ManyAsync(3);
            await ExportingDaemon.UntilAsync(() => Dropped("rejected") + _daemon.Metric("criruntime_trace_spans_sent_total") == 3 * batch);
        }

        Assert.True(Dropped("rejected") >= 4, $"{Dropped("rejected")}");
        Assert.Contains("threw away 2 of the spans that it took: 'too old'", Assert.Single(_daemon.Log.Lines).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_http_collector_says_of_its_refusal_is_told_without_our_secrets()
    {
        await using Collector collector = await Collector.StartAsync();
        byte[] status = GrpcAnswer.RetryAfter(0, 0, "bad token hunter2hunter2, " + new string('x', 1000));
        collector.Respond = (_, http) => ProtobufAsync(http, 401, status);
        await using ExportingDaemon.Exporter exporter = await _daemon.StartAsync(
            collector.Address, settings => settings with { Headers = Authorization("Bearer hunter2hunter2") });
        await _daemon.Call.ManyAsync(1);
        await _daemon.UntilDroppedAsync(1, "collector");
        string line = Assert.Single(_daemon.Log.Lines).Line;
        Assert.Contains("it answered 401: bad token (not shown)", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
        Assert.True(line.Length < 600, line);
    }

    [Fact]
    public async Task A_collector_that_never_answers_by_grpc_is_given_up()
    {
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http2);
        TaskCompletionSource<bool> never = new();
        collector.Respond = (_, _) => never.Task;
        await using ExportingDaemon.Exporter exporter = await GrpcAsync(collector, settings => settings with { Patience = TimeSpan.FromMilliseconds(50) });
        await _daemon.Call.ManyAsync(10);
        await _daemon.UntilDroppedAsync(10, "collector");
        Assert.Contains("no answer within 0.05 s", Assert.Single(_daemon.Log.Lines).Line, StringComparison.Ordinal);
        never.SetResult(false);
    }

    [Theory]
    [InlineData("frame")]
    [InlineData("cut")]
    [InlineData("two")]
    [InlineData("html")]
    [InlineData("500")]
    [InlineData("nothing")]
    [InlineData("trailers")]
    public async Task A_bad_answer_by_grpc_costs_its_spans_and_nothing_else(string kind)
    {
        await using Collector collector = await Collector.StartAsync(HttpProtocols.Http2);
        collector.Respond = (_, http) => BadAsync(kind, http);
        await using ExportingDaemon.Exporter exporter = await GrpcAsync(collector);
        await _daemon.Call.ManyAsync(1);
        await _daemon.UntilDroppedAsync(1, "collector");
        Assert.Equal(LogLevel.Warning, Assert.Single(_daemon.Log.Lines).Level);
        collector.Respond = null;
        await _daemon.Call.ManyAsync(1);
        await ExportingDaemon.UntilAsync(() => collector.Spans.Count == 1);
    }

    [Fact]
    public async Task An_endless_answer_by_http_is_read_no_further_than_an_answer_is_long()
    {
        await using Collector collector = await Collector.StartAsync();
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        collector.Respond = async (_, http) =>
        {
            http.Response.ContentType = "application/x-protobuf";
            http.RequestAborted.Register(gone.SetResult);
            byte[] block = new byte[64 << 10];
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(block);
            return false;
        };
        await using ExportingDaemon.Exporter exporter = await _daemon.StartAsync(collector.Address);
        await _daemon.Call.ManyAsync(1);
        await gone.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await _daemon.UntilSentAsync(1);
    }

    [Fact]
    public async Task A_collector_of_http_1_is_no_collector_by_grpc()
    {
        await using Collector collector = await Collector.StartAsync();
        await ExpectNothingSentAsync(collector, settings => settings with { Grpc = true });
    }

    private static async Task<bool> BadAsync(string kind, HttpContext http)
    {
        switch (kind)
        {
            case "frame": return await GrpcAnswer.FrameAsync(http, int.MaxValue, new byte[1 << 20]);
            case "cut": return await GrpcAnswer.FrameAsync(http, 100, new byte[10]);
            case "two":
                await GrpcAnswer.FrameAsync(http, 0, []);
                return await GrpcAnswer.MessageAsync(http, []);
            case "html":
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync("<html>");
                return false;
            case "500":
                http.Response.StatusCode = 500;
                return false;
            case "nothing":
                http.Response.ContentType = "application/grpc";
                return false;
            default:
                return await GrpcAnswer.TrailersOnly(http, Unavailable, new string('x', 30 << 10));
        }
    }

    private static async Task<bool> ProtobufAsync(HttpContext http, int status, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/x-protobuf";
        await http.Response.Body.WriteAsync(body);
        return false;
    }

    private async Task ExpectNothingSentAsync(Collector collector, Func<TracingSettings, TracingSettings> change, int alreadyDropped = 0)
    {
        await using ExportingDaemon.Exporter exporter = await _daemon.StartAsync(collector.Address, change);
        await _daemon.Call.ManyAsync(1);
        await _daemon.UntilDroppedAsync(alreadyDropped + 1, "collector");
        Assert.Equal(0, collector.Requests);
        Assert.Contains(_daemon.Log.Lines, line => line.Line.Contains("traces can't be sent", StringComparison.Ordinal));
    }

    private Task<ExportingDaemon.Exporter> GrpcAsync(Collector collector, Func<TracingSettings, TracingSettings>? change = null) => _daemon.StartAsync(
        collector.Address, settings => (change?.Invoke(settings) ?? settings) with { Grpc = true });

    private long Dropped(string reason) => _daemon.Metric($"criruntime_trace_spans_dropped_total{{reason=\"{reason}\"}}");

    private static Dictionary<string, string> Authorization(string value) => new() { ["authorization"] = value };
}
