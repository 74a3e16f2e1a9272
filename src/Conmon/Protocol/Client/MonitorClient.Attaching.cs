using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <content>Attaching to containers.</content>
public sealed partial class MonitorClient
{
    /// <summary>
    /// Connects pipes with a container's stdin and output, any number of times at once. A reader that does not keep up is dropped
    /// (<see cref="MonitorAttachment.Ended"/> says so); it never holds up the container, its log or another reader.
    /// </summary>
    /// <exception cref="MonitorException">WrongState: the container has ended, or was made without stdin and one is given.</exception>
    public async Task<MonitorAttachment> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        Task<MonitorAttachment> starting = StartAttachmentAsync(request);
        try
        {
            return await starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = EndAbandonedAsync(starting);
            throw;
        }
    }

    internal Task DetachAsync(long attachId, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.Detach, new AttachmentName(attachId), cancellationToken);

    private async Task<MonitorAttachment> StartAttachmentAsync(AttachRequest request)
    {
        AttachMessage message = new(
            request.ContainerId, request.Stdin is not null, request.Stdout is not null, request.Stderr is not null);
        using DescriptorCopies descriptors = new(request.Stdin, request.Stdout, request.Stderr);
        MonitorReply reply = await _connection.RequestAsync(
            MessageType.Attach, message, CancellationToken.None, (FileDescriptor[])[.. descriptors.All]).ConfigureAwait(false);
        PayloadReader reader = reply.Reader;
        long id = AttachmentName.Read(ref reader).AttachId;
        if (!_attachments.TryGetValue(id, out TaskCompletionSource<AttachmentEnd>? end))
            throw new MonitorException(MonitorErrorKind.Gone, "the connection to the monitor was lost as the attachment began");
        _ = end.Task.ContinueWith(
            _ => _attachments.TryRemove(id, out TaskCompletionSource<AttachmentEnd>? _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return new MonitorAttachment(this, id, end.Task);
    }

    private static async Task EndAbandonedAsync(Task<MonitorAttachment> starting)
    {
        try
        {
            MonitorAttachment attachment = await starting.ConfigureAwait(false);
            await attachment.DetachAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (MonitorException)
        {
            // It never began, or ended with the monitor's connection.
        }
    }
}
