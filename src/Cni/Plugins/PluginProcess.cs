using CriRuntime.Linux;

namespace CriRuntime.Cni.Plugins;

/// <summary>How a plugin's process ended.</summary>
internal enum PluginEnd
{
    Exited,
    TimedOut,
    TooMuchOutput,

    /// <summary>It exited, but something it started kept its output open.</summary>
    OutputHeld,

    /// <summary>It was killed and is not dead yet (uninterruptible sleep).</summary>
    Unkillable,
}

/// <summary>What a plugin's process left: its end, and what it wrote.</summary>
internal sealed record PluginOutcome(PluginEnd End, ExitStatus Status, ReadOnlyMemory<byte> Stdout, ReadOnlyMemory<byte> Stderr);

/// <summary>
/// Runs a plugin binary in a session of its own. Its input is a file in memory, so that a plugin that does not read it costs
/// nothing; its outputs are pipes read by the reactor. Whatever goes wrong, its whole process group is killed.
/// </summary>
internal static class PluginProcess
{
    /// <summary>More than any result: the answer to a plugin that prints without end.</summary>
    internal const int StdoutLimit = 1024 * 1024;

    private const int StderrLimit = 256 * 1024;

    /// <summary>How long an output may stay open after the plugin's exit, and a killed plugin take to die.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="LinuxException">It could not be executed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the group was killed.</exception>
    internal static async Task<PluginOutcome> RunAsync(
        string path, IReadOnlyList<string> environment, ReadOnlyMemory<byte> stdin, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Pipe stdoutPipe = Pipe.Create();
        Pipe stderrPipe = Pipe.Create();
        SpawnedGroup group;
        using (FileDescriptor input = MemoryFile.Create("cni-config", stdin.Span))
        using (stdoutPipe.Write)
        using (stderrPipe.Write)
        {
            try
            {
                group = await StartAsync(path, environment, [input, stdoutPipe.Write, stderrPipe.Write], cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                stdoutPipe.Read.Dispose();
                stderrPipe.Read.Dispose();
                throw;
            }
        }

        using (group)
        using (OutputCollector stdout = new(stdoutPipe.Read, StdoutLimit, group.Kill))
        using (OutputCollector stderr = new(stderrPipe.Read, StderrLimit, group.Kill))
        {
            PluginOutcome outcome = await AwaitEndAsync(group, stdout, stderr, timeout, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return outcome;
        }
    }

    private static async Task<SpawnedGroup> StartAsync(
        string path, IReadOnlyList<string> environment, FileDescriptor[] descriptors, CancellationToken cancellationToken)
    {
        SpawnOptions options = new(path, [path]) { Environment = environment, Descriptors = descriptors };
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return SpawnedGroup.Start(options);
            }
            catch (LinuxException e) when (e.Errno == Errno.ETXTBSY && attempt < 10)
            {
                // The binary is being replaced this moment, as a network's installer does.
                await Task.Delay(20 * attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<PluginOutcome> AwaitEndAsync(
        SpawnedGroup group, OutputCollector stdout, OutputCollector stderr, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource hopeless = new();
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool killed = false;
        CancellationTokenRegistration kill = deadline.Token.UnsafeRegister(
            _ =>
            {
                killed = true;
                group.Kill();
                hopeless.CancelAfter(Grace * 5);
            },
            null);
        deadline.CancelAfter(timeout);
        try
        {
            await Reactor.Shared.WaitAsync(group.PidFd, Readiness.Readable, hopeless.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (hopeless.IsCancellationRequested)
        {
            return new PluginOutcome(PluginEnd.Unkillable, default, default, default);
        }
        finally
        {
            // Waits for a kill under way: none may come after the reaping.
            await kill.DisposeAsync().ConfigureAwait(false);
        }

        bool closed = await AwaitOutputsAsync(group, stdout, stderr).ConfigureAwait(false);
        stdout.Dispose();
        stderr.Dispose();
        PluginEnd end = killed ? PluginEnd.TimedOut
            : stdout.Overflowed || stderr.Overflowed ? PluginEnd.TooMuchOutput
            : closed ? PluginEnd.Exited
            : PluginEnd.OutputHeld;
        return new PluginOutcome(end, Reap(group, end), stdout.Bytes, stderr.Bytes);
    }

    /// <summary>Waits until the outputs are closed; kills what holds them open. False when that was needed.</summary>
    private static async Task<bool> AwaitOutputsAsync(SpawnedGroup group, OutputCollector stdout, OutputCollector stderr)
    {
        Task ended = Task.WhenAll(stdout.Ended, stderr.Ended);
        if (ended.IsCompleted)
            return true;
        await ended.WaitAsync(Grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCompleted)
            return true;
        group.Kill();
        await ended.WaitAsync(Grace / 10).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    /// <summary>Reaps. A plugin that failed leaves nothing running; one that succeeded may have started a daemon on purpose.</summary>
    private static ExitStatus Reap(SpawnedGroup group, PluginEnd end)
    {
        if (end != PluginEnd.Exited || group.TryPeek() is not { Signal: 0, Status: 0 })
            group.Kill();
        return group.TryReap() ?? throw new InvalidOperationException($"process {group.Pid} has ended but cannot be reaped");
    }
}
