using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Attach;

/// <summary>The clients attached to one container, and its stdin.</summary>
internal sealed class AttachmentSet(EventLoop loop, PendingBudget budget)
{
    private readonly List<Attachment> _attachments = [];
    private bool _finished;

    /// <summary>Null until the container is set up, and where it was made without stdin.</summary>
    internal ContainerStdin? Stdin { get; set; }

    /// <summary>How many were dropped because they did not keep up.</summary>
    internal int DroppedCount { get; private set; }

    /// <summary>Whether anybody listens.</summary>
    internal bool Any => _attachments.Count > 0;

    /// <summary>Begins an attachment; the descriptors become its own. Tells the requester before anything else about it can be told.</summary>
    /// <exception cref="LinuxException">A descriptor is no pipe.</exception>
    internal Attachment Attach(long id, FileDescriptor? stdin, FileDescriptor? stdout, FileDescriptor? stderr, Requester requester)
    {
        Attachment attachment = new(id, requester.Connection) { Over = Remove };
        AttachedInput? input = stdin is null ? null : new AttachedInput(loop, Stdin!, stdin, attachment.PartEnded);
        try
        {
            attachment.Begin(input, Output(attachment, stdout), Output(attachment, stderr));
        }
        catch (LinuxException)
        {
            attachment.EndNow(new AttachmentEnd(id, Dropped: false, "it never began"));
            throw;
        }

        _attachments.Add(attachment);
        requester.Succeed(new AttachmentName(id));
        if (input is not null)
            Stdin!.Add(input);
        return attachment;
    }

    internal Attachment? Find(long id) => _attachments.Find(attachment => attachment.Id == id);

    /// <summary>Gives what the container wrote to everyone who listens; waits for nobody.</summary>
    internal void Send(LogStream stream, ReadOnlySpan<byte> bytes)
    {
        // Backwards, because one that is dropped takes itself out.
        for (int i = _attachments.Count - 1; i >= 0; i--)
            _attachments[i].Send(stream, bytes);
    }

    /// <summary>Nothing more will come from the container.</summary>
    internal void Finish()
    {
        if (_finished)
            return;
        _finished = true;
        Stdin?.Close();
        for (int i = _attachments.Count - 1; i >= 0; i--)
            _attachments[i].Finish();
    }

    private void Remove(Attachment attachment)
    {
        _attachments.Remove(attachment);
        DroppedCount += attachment.Dropped ? 1 : 0;
    }

    private AttachedOutput? Output(Attachment attachment, FileDescriptor? descriptor) =>
        descriptor is null ? null : new AttachedOutput(loop, budget, descriptor, attachment.PartEnded);
}
