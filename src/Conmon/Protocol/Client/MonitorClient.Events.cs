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
                ExitOf(ExecReply.Read(ref reader).ExecId);
                break;
            case MessageType.ExecExited:
                ExecExit exit = ExecExit.Read(ref reader);
                ExitOf(exit.ExecId).TrySetResult(exit.ExitCode);
                break;
            default:
                // A newer monitor's event: this daemon did not know to ask for it.
                break;
        }
    }

    private TaskCompletionSource<int> ExitOf(long execId)
    {
        TaskCompletionSource<int> exit = _execs.GetOrAdd(
            execId, static _ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (exit.Task.IsCompleted)
            _execs.TryRemove(execId, out _);
        return exit;
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
