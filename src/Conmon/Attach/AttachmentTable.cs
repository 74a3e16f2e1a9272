using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Containers;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Attach;

/// <summary>Begins and ends attachments to the pod's containers.</summary>
internal sealed class AttachmentTable(ContainerTable containers)
{
    private long _lastId;

    /// <summary>Shared by all: what waits for slow readers.</summary>
    internal PendingBudget Budget { get; } = new();

    /// <summary>The descriptors: those of stdin, stdout, stderr that the message announces.</summary>
    /// <exception cref="MonitorException">NotFound, WrongState, or InvalidRequest.</exception>
    internal void Attach(AttachMessage message, List<FileDescriptor> descriptors, Requester requester)
    {
        if (!message.HasStdin && !message.HasStdout && !message.HasStderr)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, "nothing was asked to be attached");
        AttachmentSet set = containers.Get(message.ContainerId).RequireAttachable(message.HasStdin);
        int announced = (message.HasStdin ? 1 : 0) + (message.HasStdout ? 1 : 0) + (message.HasStderr ? 1 : 0);
        if (announced > descriptors.Count)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, "the attachment announces a descriptor that did not come with it");
        int next = 0;
        FileDescriptor? Take(bool present) => present ? descriptors[next++].Duplicate() : null;
        set.Attach(++_lastId, Take(message.HasStdin), Take(message.HasStdout), Take(message.HasStderr), requester);
    }

    /// <summary>One that is unknown is over already.</summary>
    internal void Detach(long id)
    {
        foreach (Container container in containers.All)
        {
            if (container.FindAttachment(id) is not { } attachment)
                continue;
            attachment.EndNow(new AttachmentEnd(id, Dropped: false, "detached"));
            return;
        }
    }
}
