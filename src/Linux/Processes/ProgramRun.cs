namespace CriRuntime.Linux;

/// <summary>
/// Runs a short-lived program of the host (a CNI plugin, a hook) in a session of its own. Its input is a file in memory, so that one that does not read it costs
/// nothing; its outputs are pipes read by the reactor. Whatever goes wrong, its whole process group is killed.
/// </summary>
public static class ProgramRun
{
    /// <summary>More than any result, in bytes: the answer to a program that prints without end.</summary>
    public const int StdoutLimit = 1024 * 1024;

    private const int StderrLimit = 256 * 1024;

    /// <summary>How long an output may stay open after the program's exit, and a killed program take to die.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Runs it to its end.</summary>
    /// <param name="program">What to run; its descriptors are set here.</param>
    /// <exception cref="LinuxException">It could not be executed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the group was killed.</exception>
    public static async Task<ProgramOutcome> RunAsync(
        SpawnOptions program, ReadOnlyMemory<byte> stdin, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Pipe stdoutPipe = Pipe.Create();
        Pipe stderrPipe = Pipe.Create();
        SpawnedGroup group;
        using (FileDescriptor input = MemoryFile.Create("stdin", stdin.Span))
        using (stdoutPipe.Write)
        using (stderrPipe.Write)
        {
            try
            {
                group = await StartAsync(program with { Descriptors = [input, stdoutPipe.Write, stderrPipe.Write] }, cancellationToken).ConfigureAwait(false);
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
            ProgramOutcome outcome = await AwaitEndAsync(group, stdout, stderr, timeout, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return outcome;
        }
    }

    private static async Task<SpawnedGroup> StartAsync(SpawnOptions options, CancellationToken cancellationToken)
    {
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

    private static async Task<ProgramOutcome> AwaitEndAsync(
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
            return new ProgramOutcome(ProgramEnd.Unkillable, default, default, default);
        }
        finally
        {
            // Waits for a kill under way: none may come after the reaping.
            await kill.DisposeAsync().ConfigureAwait(false);
        }

        bool closed = await AwaitOutputsAsync(group, stdout, stderr).ConfigureAwait(false);
        stdout.Dispose();
        stderr.Dispose();
        ProgramEnd end = killed ? ProgramEnd.TimedOut
            : stdout.Overflowed || stderr.Overflowed ? ProgramEnd.TooMuchOutput
            : closed ? ProgramEnd.Exited
            : ProgramEnd.OutputHeld;
        return new ProgramOutcome(end, Reap(group, end), stdout.Bytes, stderr.Bytes);
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

    /// <summary>Reaps. A program that failed leaves nothing running; one that succeeded may have started a daemon on purpose.</summary>
    private static ExitStatus Reap(SpawnedGroup group, ProgramEnd end)
    {
        if (end != ProgramEnd.Exited || group.TryPeek() is not { Signal: 0, Status: 0 })
            group.Kill();
        return group.TryReap() ?? throw new InvalidOperationException($"process {group.Pid} has ended but cannot be reaped");
    }
}
