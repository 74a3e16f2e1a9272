namespace CriRuntime.Conmon.Protocol;

/// <content>What comes unasked: ends of containers, execs, attachments and of the monitor, and trouble with logs.</content>
public sealed partial class MonitorClient
{
    // On the reactor's thread. Replies to Exec and Attach come through here too, so that those are known before their end can be read.
    private void OnEvent(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        PayloadReader reader = new(payload.Span);
        switch (header.Type)
        {
            case MessageType.ContainerExited:
                _notices.Writer.TryWrite(ContainerExit.Read(ref reader));
                break;
            case MessageType.LogTroubled:
                _notices.Writer.TryWrite(LogTrouble.Read(ref reader));
                break;
            case MessageType.Attach:
                _attachments[AttachmentName.Read(ref reader).AttachId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
                break;
            case MessageType.AttachmentEnded:
                AttachmentEnd end = AttachmentEnd.Read(ref reader);
                if (_attachments.TryGetValue(end.AttachId, out TaskCompletionSource<AttachmentEnd>? over))
                    over.TrySetResult(end);
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
        foreach (KeyValuePair<long, TaskCompletionSource<AttachmentEnd>> attachment in _attachments)
            attachment.Value.TrySetException(reason);
        _notices.Writer.TryComplete();
    }

    private async Task PumpNoticesAsync()
    {
        await foreach (IPayload notice in _notices.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (notice is ContainerExit exit)
                ContainerExited?.Invoke(exit);
            else if (notice is LogTrouble trouble)
                LogTroubled?.Invoke(trouble);
        }
    }

    private async Task CloseAfterExitAsync()
    {
        await Exited.ConfigureAwait(false);
        _connection.Close(new MonitorException(MonitorErrorKind.Gone, $"the monitor of pod {PodId} (pid {Pid}) has ended"));
    }
}
