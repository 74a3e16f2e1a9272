using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Observability;

public sealed class OperationMetricsTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task Starts_are_counted_by_handler_and_outcome()
    {
        (string pod, _) = await _daemon.RunningAsync();
        string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig("second"), CancellationToken.None);
        _daemon.Launcher.Launched[0].Before["start"] = () => throw new IOException("no");
        await Assert.ThrowsAsync<IOException>(() => _daemon.Start.ExecuteAsync(id, CancellationToken.None));
        string text = Exposition.Of(_daemon.Telemetry);
        Assert.Contains("criruntime_container_starts_total{handler=\"builtin\",outcome=\"succeeded\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_container_starts_total{handler=\"builtin\",outcome=\"failed\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoints_restorations_and_relabelled_volumes_show_their_number_time_and_size()
    {
        Telemetry telemetry = _daemon.Telemetry;
        telemetry.Checkpointed(succeeded: true, TimeSpan.FromSeconds(2), 4096);
        telemetry.Checkpointed(succeeded: false, TimeSpan.FromSeconds(9), 0);
        telemetry.Restored(succeeded: true, TimeSpan.FromSeconds(1));
        telemetry.Relabelled(succeeded: true, TimeSpan.FromSeconds(3));
        string text = Exposition.Of(telemetry);
        Assert.Contains("criruntime_checkpoint_duration_seconds_sum{operation=\"checkpoint\",outcome=\"succeeded\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_checkpoint_duration_seconds_count{operation=\"checkpoint\",outcome=\"failed\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_checkpoint_duration_seconds_count{operation=\"restore\",outcome=\"succeeded\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_checkpoint_bytes_total 4096\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_selinux_relabel_duration_seconds_bucket{outcome=\"succeeded\",le=\"10\"} 1\n", text, StringComparison.Ordinal);
    }
}
