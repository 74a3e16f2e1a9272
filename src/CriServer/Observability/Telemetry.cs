using Grpc.Core;

namespace CriRuntime.CriServer.Observability;

/// <summary>What the daemon measures of itself. Safe for concurrent use; recording takes no lock that is held for longer than an addition.</summary>
public sealed class Telemetry
{
    private readonly Histogram _calls = new(
        "criruntime_rpc_duration_seconds", "How long CRI calls took, by method and gRPC status code.",
        ["method", "code"], [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120]);

    private readonly Histogram _pulls = new(
        "criruntime_image_pull_duration_seconds", "How long image pulls took, by outcome.", ["outcome"], [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]);

    private readonly Counter _exits = new("criruntime_container_exits_total", "Containers that ended, by reason.", ["reason"]);

    private readonly Counter _logTrouble = new(
        "criruntime_container_log_failures_total", "Times that a container's log could not be written, by error.", ["error"]);

    private readonly Counter _droppedAttachments = new("criruntime_attachments_dropped_total", "Attached clients that did not keep up.", []);

    private readonly Counter _spansSent = new("criruntime_trace_spans_sent_total", "Spans that the collector of traces took.", []);

    private readonly Counter _spansDropped = new(
        "criruntime_trace_spans_dropped_total", "Spans that were not exported: the queue was full, or the collector refused them or was away.", ["reason"]);

    private readonly Counter _starts = new("criruntime_container_starts_total", "Containers that were started, by runtime handler and outcome.", ["handler", "outcome"]);

    private readonly Histogram _checkpoints = new(
        "criruntime_checkpoint_duration_seconds", "How long it took to checkpoint containers, and to restore them, by operation and outcome.",
        ["operation", "outcome"], [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]);

    private readonly Counter _checkpointBytes = new("criruntime_checkpoint_bytes_total", "Bytes of the archives that checkpoints of containers became.", []);

    private readonly Counter _profileLoads = new("criruntime_apparmor_profile_loads_total", "Times that the default AppArmor profile was loaded, by outcome.", ["outcome"]);

    private readonly Histogram _relabels = new(
        "criruntime_selinux_relabel_duration_seconds", "How long it took to give volumes the SELinux label of their container, by outcome.",
        ["outcome"], [0.001, 0.01, 0.1, 1, 10, 60]);

    /// <summary>In the order of the exposition.</summary>
    internal IReadOnlyList<IMetric> Metrics =>
    [
        _calls, _pulls, _starts, _exits, _logTrouble, _droppedAttachments, _checkpoints, _checkpointBytes, _profileLoads, _relabels, _spansSent, _spansDropped,
    ];

    public void CallEnded(string method, StatusCode code, TimeSpan took) => _calls.Record(took.TotalSeconds, method, code.ToString());

    /// <param name="took">Of the whole pull, the wait for one in flight included.</param>
    public void Pulled(bool succeeded, TimeSpan took) => _pulls.Record(took.TotalSeconds, Outcome(succeeded));

    /// <param name="handler">The name of its pod's runtime handler.</param>
    /// <param name="succeeded">The program runs, and so did the hooks.</param>
    public void ContainerStarted(string handler, bool succeeded) => _starts.Add(handler, Outcome(succeeded));

    /// <param name="took">The wait for a container's lock is not in it.</param>
    /// <param name="bytes">Of the archive.</param>
    public void Checkpointed(bool succeeded, TimeSpan took, long bytes)
    {
        _checkpoints.Record(took.TotalSeconds, "checkpoint", Outcome(succeeded));
        _checkpointBytes.Add(bytes);
    }

    public void Restored(bool succeeded, TimeSpan took) => _checkpoints.Record(took.TotalSeconds, "restore", Outcome(succeeded));

    public void ProfileLoaded(bool succeeded) => _profileLoads.Add(Outcome(succeeded));

    public void Relabelled(bool succeeded, TimeSpan took) => _relabels.Record(took.TotalSeconds, Outcome(succeeded));

    /// <param name="reason">As the CRI reports it: Completed, Error, OOMKilled...</param>
    public void ContainerExited(string reason) => _exits.Add(reason);

    public void LogFailed(string error) => _logTrouble.Add(error);

    public void AttachmentDropped() => _droppedAttachments.Add();

    public void SpansSent(int count) => _spansSent.Add(count);

    /// <param name="reason">queue, collector, rejected.</param>
    public void SpansDropped(int count, string reason) => _spansDropped.Add(count, reason);

    private static string Outcome(bool succeeded) => succeeded ? "succeeded" : "failed";
}
