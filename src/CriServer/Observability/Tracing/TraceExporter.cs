using System.Diagnostics;
using System.Threading.Channels;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>
/// Has spans made, and brings the ended ones to the collector in the background. No call ever waits for it: what the queue has no room for is dropped and
/// counted. At rest no timer runs.
/// <code>
/// ended span ──> queue (bounded) ──gathered for an interval──> request ──> collector
///      └─ full: dropped                                          └─ refused, or away for too long: dropped
/// </code>
/// </summary>
internal sealed class TraceExporter : BackgroundService
{
    /// <summary>Spans in one request.</summary>
    private const int BatchLimit = 512;

    /// <summary>With pauses of 1, 2, 4 and 8 seconds: older spans make room for newer ones then.</summary>
    private const int MaxTries = 5;

    /// <summary>Characters of a collector's words that reach the log.</summary>
    private const int LongestWords = 256;

    /// <summary>Shorter headers, such as a tenant's number, would hide parts of any sentence.</summary>
    private const int ShortestSecret = 8;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    /// <summary>The end of the daemon does not wait longer for a collector.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);

    private readonly TracingSettings _settings;
    private readonly Telemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<TraceExporter> _logger;
    private readonly Channel<Activity> _queue;
    private readonly ActivityListener _listener;
    private readonly ISpanSender _sender;
    private readonly TraceRequest.Resource _resource;
    private readonly CancellationTokenSource _farewellOver = new();
    private bool _troubled;
    private bool _rejecting;

    public TraceExporter(TracingSettings settings, Telemetry telemetry, TimeProvider time, ILogger<TraceExporter> logger)
    {
        _settings = settings;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _queue = Channel.CreateBounded<Activity>(new BoundedChannelOptions(settings.QueueLimit) { SingleReader = true });
        _listener = new TraceSampler(settings.SamplingRatePerMillion).Listen(Enqueue);
        _sender = settings.Grpc ? new GrpcSpanSender(settings) : new HttpSpanSender(settings);
        _resource = new TraceRequest.Resource(settings.ServiceName, Services.RuntimeVersion.Text, Environment.MachineName);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(_listener);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Comes after the server's end: what the last calls left is sent, if the collector is quick.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _listener.Dispose();
        _farewellOver.CancelAfter(FarewellLimit);
        return base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener.Dispose();
        _sender.Dispose();
        _farewellOver.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await GatherAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (TakeBatch() is { Count: > 0 } batch)
                await ExportAsync(batch, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task GatherAsync(CancellationToken stoppingToken)
    {
        await _queue.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false);
        await Task.Delay(_settings.Interval, _time, stoppingToken).ConfigureAwait(false);
    }

    private void Enqueue(Activity span)
    {
        if (!_queue.Writer.TryWrite(span))
            _telemetry.SpansDropped(1, "queue");
    }

    private List<Activity> TakeBatch()
    {
        List<Activity> batch = [];
        while (batch.Count < BatchLimit && _queue.Reader.TryRead(out Activity? span))
            batch.Add(span);
        return batch;
    }

    /// <summary>Whatever is wrong with a batch costs its spans, and never the daemon.</summary>
    private async Task ExportAsync(List<Activity> batch, CancellationToken stoppingToken)
    {
        int count = batch.Count;
        try
        {
            byte[] request = TraceRequest.Encode(batch, _resource);
            batch.Clear(); // the bytes are enough to hold
            SendOutcome outcome = await SendAsync(request, stoppingToken).ConfigureAwait(false);
            int rejected = outcome.Delivered ? (int)Math.Min(outcome.Rejected, count) : 0;
            if (rejected > 0)
                _telemetry.SpansDropped(rejected, "rejected");
            if (outcome.Delivered)
                _telemetry.SpansSent(count - rejected);
            else
                _telemetry.SpansDropped(count, "collector");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            TraceLog.Broken(_logger, e);
            _telemetry.SpansDropped(count, "collector");
        }
    }

    /// <summary>Tries again as long as that may help; a daemon that stops tries once more.</summary>
    private async Task<SendOutcome> SendAsync(byte[] request, CancellationToken stoppingToken)
    {
        TimeSpan pause = _settings.FirstPause;
        for (int left = MaxTries; ; left--)
        {
            bool last = left <= 1 || stoppingToken.IsCancellationRequested;
            SendOutcome outcome = await _sender.SendAsync(request, _farewellOver.Token).ConfigureAwait(false);
            Tell(outcome);
            if (outcome.Delivered || !outcome.MayRetry || last)
                return outcome;
            await Task.Delay(Longer(Spread(pause), outcome.Pause), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause *= 2;
        }
    }

    /// <summary>The daemons of a cluster do not all come back to their collector at once.</summary>
    private static TimeSpan Spread(TimeSpan pause) => pause * (0.75 + (Random.Shared.NextDouble() / 2));

    private static TimeSpan Longer(TimeSpan pause, TimeSpan wanted) =>
        wanted <= pause ? pause : wanted < LongestPause ? wanted : LongestPause;

    /// <summary>Once when it begins and once when it is over: the metrics have the figures.</summary>
    private void Tell(SendOutcome outcome)
    {
        if (!outcome.Delivered && !_troubled)
            TraceLog.Undelivered(_logger, _settings.Target, Told(outcome.Reason));
        else if (outcome.Delivered && _troubled)
            TraceLog.DeliveredAgain(_logger, _settings.Target);
        _troubled = !outcome.Delivered;
        if (!outcome.Delivered)
            return;
        bool rejecting = outcome.Rejected > 0 || outcome.Reason.Length > 0;
        if (rejecting && !_rejecting)
            TraceLog.Rejected(_logger, _settings.Target, outcome.Rejected, Told(outcome.Reason));
        _rejecting = rejecting;
    }

    /// <summary>A collector may repeat in its answer what it was sent, and as much as it likes.</summary>
    private string Told(string words)
    {
        foreach (string header in _settings.Headers.Values)
        {
            string secret = header[(header.LastIndexOf(' ') + 1)..]; // without a scheme as Bearer
            if (secret.Length >= ShortestSecret)
                words = words.Replace(secret, "(not shown)", StringComparison.Ordinal);
        }

        return words.Length <= LongestWords ? words : $"{words.AsSpan(0, LongestWords)} ... (cut)";
    }
}
