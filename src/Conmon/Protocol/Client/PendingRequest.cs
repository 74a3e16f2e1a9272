using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>A request that waits for its reply, which may come in several frames.</summary>
internal sealed class PendingRequest
{
    private readonly TaskCompletionSource<MonitorReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte[]> _payloads = [];
    private readonly List<FileDescriptor> _descriptors = [];

    internal Task<MonitorReply> Task => _reply.Task;

    /// <summary>Takes one frame of the reply.</summary>
    internal void Receive(FrameHeader header, ReadOnlyMemory<byte> payload, List<FileDescriptor> descriptors)
    {
        _payloads.Add(payload.ToArray());
        _descriptors.AddRange(descriptors);
        if ((header.Flags & MessageFlags.Error) != 0)
        {
            PayloadReader reader = new(payload.Span);
            FailureMessage failure = FailureMessage.Read(ref reader);
            Fail(new MonitorException(failure.Kind, failure.Message));
        }
        else if ((header.Flags & MessageFlags.More) == 0 && !_reply.TrySetResult(new MonitorReply(_payloads, _descriptors)))
        {
            CloseDescriptors();
        }
    }

    internal void Fail(MonitorException reason)
    {
        if (_reply.TrySetException(reason))
            CloseDescriptors();
    }

    /// <summary>The caller waits no longer: descriptors of a reply that came, or comes, are closed.</summary>
    internal void Abandon()
    {
        if (!_reply.TrySetCanceled() && _reply.Task.IsCompletedSuccessfully)
            CloseDescriptors();
    }

    private void CloseDescriptors()
    {
        foreach (FileDescriptor descriptor in _descriptors)
            descriptor.Dispose();
    }
}
