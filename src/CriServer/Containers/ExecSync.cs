using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Monitors;
using CriRuntime.Linux;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Containers;

/// <summary>What a command wrote and how it ended.</summary>
public sealed record ExecSyncResult(byte[] Stdout, byte[] Stderr, int ExitCode);

/// <summary>
/// ExecSync: runs a command in a container and collects its output. The call ends with the command: a child that it leaves in the
/// background with the output open is not waited for (CVE-2026-53495).
/// </summary>
public sealed class ExecSync(ExecLaunch launch, TimeProvider time)
{
    /// <summary>How long a command that was killed is waited for: one in an uninterruptible sleep may stay for good.</summary>
    private static readonly TimeSpan s_deathLimit = TimeSpan.FromSeconds(2);

    /// <param name="timeoutSeconds">0 or less: as long as the caller waits.</param>
    /// <exception cref="CriException">NotFound; FailedPrecondition unless it runs; DeadlineExceeded when the time is over; then the command was killed, and has ended if it can.</exception>
    public async Task<ExecSyncResult> ExecuteAsync(
        string idOrPrefix, IReadOnlyList<string> command, long timeoutSeconds, CancellationToken cancellationToken)
    {
        Container container = launch.Find(idOrPrefix, command);
        Spans.Tag("container.id", container.Id);
        Pipe stdout = Pipe.Create();
        Pipe stderr = Pipe.Create();
        using ExecOutput output = new(stdout.Read);
        using ExecOutput errors = new(stderr.Read);
        IMonitorExec exec;
        using (stdout.Write)
        using (stderr.Write)
            exec = await launch.StartAsync(container, command, new ExecStdio(null, stdout.Write, stderr.Write), cancellationToken).ConfigureAwait(false);

        int exitCode = await Spans.RunAsync("exec.wait", _ => WaitAsync(exec, container, timeoutSeconds, cancellationToken)).ConfigureAwait(false);
        output.Drain();
        errors.Drain();
        return Fit(output, errors, exitCode);
    }

    private async Task<int> WaitAsync(IMonitorExec exec, Container container, long timeoutSeconds, CancellationToken cancellationToken)
    {
        bool limited = timeoutSeconds is > 0 and < int.MaxValue / 1000;
        try
        {
            TimeSpan limit = limited ? TimeSpan.FromSeconds(timeoutSeconds) : Timeout.InfiniteTimeSpan;
            return await exec.ExitCode.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await exec.KillAsync(CancellationToken.None).ConfigureAwait(false);
            if (e is OperationCanceledException)
                throw;
            Task end = exec.ExitCode;
            await Task.WhenAny(end, Task.Delay(s_deathLimit, time, cancellationToken)).ConfigureAwait(false);
            string death = end.IsCompleted ? "" : $"; {s_deathLimit.TotalSeconds} s later it is still there";
            throw new CriException(CriErrorKind.DeadlineExceeded, $"the command in {container} did not end within {timeoutSeconds} s, and was killed{death}");
        }
    }

    private static ExecSyncResult Fit(ExecOutput output, ExecOutput errors, int exitCode)
    {
        byte[] stdout = output.Content();
        byte[] stderr = errors.Content();
        (int outRoom, int errRoom) = ResponseRoom.Share(stdout.Length, stderr.Length);
        return new ExecSyncResult(
            ResponseRoom.Cut(stdout, outRoom, output.Truncated, "stdout"), ResponseRoom.Cut(stderr, errRoom, errors.Truncated, "stderr"), exitCode);
    }
}
