namespace CriRuntime.Conmon.Protocol;

/// <content>What comes unasked: ends of containers, of execs, and of the monitor.</content>
public sealed partial class MonitorClient
{
    // On the reactor's thread. The reply to Exec comes through here too, so that the exec is known before its end can be read.
    private void OnEvent(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        PayloadReader reader = new(payload.Span);
        switch (header.Type)
        {
            case MessageType.ContainerExited:
                _exits.Writer.TryWrite(ContainerExit.Read(ref reader));
                break;
            case MessageType.Exec:
                _execs[ExecReply.Read(ref reader).ExecId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
                break;
            case MessageType.ExecExited:
                ExecExit exit = ExecExit.Read(ref reader);
                if (_execs.TryGetValue(exit.ExecId, out TaskCompletionSource<int>? ended))
                    ended.TrySetResult(exit.ExitCode);
                break;
            default:
                // A newer monitor's event: this daemon did not know to ask for it.
                break;
        }
    }

    /// <summary>The exit code to come of an exec whose reply was received; forgotten here once it has come.</summary>
    private Task<int> TakeExit(long execId)
    {
        if (!_execs.TryGetValue(execId, out TaskCompletionSource<int>? exit))
            throw new MonitorException(MonitorErrorKind.Gone, "the connection to the monitor was lost as the exec began");
        exit.Task.ContinueWith(
            _ => _execs.TryRemove(execId, out TaskCompletionSource<int>? _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return exit.Task;
    }

    private void OnFailed(MonitorException reason)
    {
        foreach (KeyValuePair<long, TaskCompletionSource<int>> exec in _execs)
            exec.Value.TrySetException(reason);
        _exits.Writer.TryComplete();
    }

    private async Task PumpExitsAsync()
    {
        await foreach (ContainerExit exit in _exits.Reader.ReadAllAsync().ConfigureAwait(false))
            ContainerExited?.Invoke(exit);
    }

    private async Task CloseAfterExitAsync()
    {
        await Exited.ConfigureAwait(false);
        _connection.Close(new MonitorException(MonitorErrorKind.Gone, $"the monitor of pod {PodId} (pid {Pid}) has ended"));
    }
}
