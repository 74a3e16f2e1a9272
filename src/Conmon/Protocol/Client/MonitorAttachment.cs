namespace CriRuntime.Conmon.Protocol;

/// <summary>An attachment that has begun. It ends when the caller has closed its ends of all the pipes, when the container ends, or by <see cref="DetachAsync"/>.</summary>
public sealed class MonitorAttachment
{
    private readonly MonitorClient _client;

    internal MonitorAttachment(MonitorClient client, long attachId, Task<AttachmentEnd> ended)
    {
        _client = client;
        AttachId = attachId;
        Ended = ended;
    }

    public long AttachId { get; }

    /// <summary>Why and how it ended. Fails with <see cref="MonitorException"/> (Gone) when the connection to the monitor is lost.</summary>
    public Task<AttachmentEnd> Ended { get; }

    /// <summary>Ends it without ending the container's stdin, StdinOnce or not (the detach keys). Succeeds when it is over already.</summary>
    public Task DetachAsync(CancellationToken cancellationToken) => _client.DetachAsync(AttachId, cancellationToken);
}
