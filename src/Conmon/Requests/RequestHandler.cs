using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Requests;

/// <summary>Turns frames into calls, and what those throw into failure replies. Nothing that a daemon sends ends the monitor.</summary>
internal sealed class RequestHandler(PodMonitor monitor)
{
    private const int MaxPlan = 16 * 1024 * 1024;

    private MonitorContext Context => monitor.Context;

    /// <exception cref="ProtocolException">The frame's header is unsound, so that no reply is possible.</exception>
    internal void Handle(Connection connection, ReadOnlySpan<byte> frame, List<FileDescriptor> descriptors)
    {
        FrameHeader header = FrameHeader.Read(frame);
        if (header.Flags != MessageFlags.None)
            throw new ProtocolException($"a request has the flags {(int)header.Flags}");
        Requester requester = new(connection, header.Type, header.RequestId);
        try
        {
            Dispatch(requester, new PayloadReader(frame[FrameHeader.Size..]), descriptors);
        }
        catch (MonitorException e)
        {
            requester.Fail(e.Kind, e.Message);
        }
        catch (Exception e) when (e is ProtocolException or InvalidDataException)
        {
            requester.Fail(MonitorErrorKind.InvalidRequest, $"{header.Type}: {e.Message}");
        }
        catch (LaunchException e)
        {
            requester.Fail(MonitorErrorKind.LaunchFailed, e.Message);
        }
        catch (LinuxException e)
        {
            requester.Fail(MonitorErrorKind.Internal, $"{header.Type}: {e.Message}");
        }
    }

    private void Dispatch(Requester requester, PayloadReader reader, List<FileDescriptor> descriptors)
    {
        switch (requester.Type)
        {
            case MessageType.Hello:
                requester.Succeed(monitor.Hello(HelloRequest.Read(ref reader)));
                break;
            case MessageType.Assign:
                monitor.Assign(AssignRequest.Read(ref reader));
                requester.Succeed();
                break;
            case MessageType.List:
                List(requester);
                break;
            case MessageType.Shutdown:
                monitor.Shutdown();
                requester.Succeed();
                break;
            default:
                monitor.RequireAssigned();
                DispatchToPod(requester, reader, descriptors);
                break;
        }
    }

    private void DispatchToPod(Requester requester, PayloadReader reader, List<FileDescriptor> descriptors)
    {
        switch (requester.Type)
        {
            case MessageType.CreateSandbox:
                monitor.CreateSandbox(ReadPlan(descriptors), requester);
                break;
            case MessageType.CreateContainer:
                Context.Containers.Create(CreateContainerRequest.Read(ref reader), ReadPlan(descriptors), requester);
                break;
            case MessageType.StartContainer:
                Context.Containers.Get(reader.ReadString()).Start(requester, descriptors.Count > 0 ? ReadPlan(descriptors) : null);
                break;
            case MessageType.DeleteContainer:
                Context.Containers.Delete(reader.ReadString(), requester);
                break;
            case MessageType.Exec:
                Context.Execs.Start(ExecMessage.Read(ref reader), ReadPlan(descriptors), descriptors, requester);
                break;
            case MessageType.Attach:
                Context.Attachments.Attach(AttachMessage.Read(ref reader), descriptors, requester);
                break;
            default:
                DispatchAtOnce(requester.Type, reader);
                requester.Succeed();
                break;
        }
    }

    /// <summary>Requests that are done when their call returns.</summary>
    private void DispatchAtOnce(MessageType type, PayloadReader reader)
    {
        switch (type)
        {
            case MessageType.Signal:
                SignalRequest signal = SignalRequest.Read(ref reader);
                if (signal.Signal is < 1 or > 64)
                    throw new MonitorException(MonitorErrorKind.InvalidRequest, $"{signal.Signal} is no signal");
                Context.Containers.Get(signal.Id).Signal(signal.Signal);
                break;
            case MessageType.KillAll:
                Context.Containers.Get(reader.ReadString()).KillAll();
                break;
            case MessageType.ReopenLog:
                Context.Containers.Get(reader.ReadString()).ReopenLog();
                break;
            case MessageType.Resize:
                ResizeRequest resize = ResizeRequest.Read(ref reader);
                Context.Containers.Get(resize.Id).Resize(resize.Width, resize.Height);
                break;
            case MessageType.Detach:
                Context.Attachments.Detach(AttachmentName.Read(ref reader).AttachId);
                break;
            case MessageType.KillExec:
                Context.Execs.Kill(KillExecRequest.Read(ref reader).ExecId);
                break;
            default:
                throw new MonitorException(MonitorErrorKind.Unsupported, $"this monitor does not know requests of type {(int)type}");
        }
    }

    private void List(Requester requester)
    {
        foreach (Containers.Container container in Context.Containers.All)
            requester.Continue(container.Describe());
        requester.Succeed();
    }

    // Read into memory that is there anyway; a plan of many megabytes is possible, but not what pods have.
    private LaunchPlan ReadPlan(List<FileDescriptor> descriptors)
    {
        if (descriptors.Count == 0)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, "the request came without its plan");
        Span<byte> scratch = Context.Buffers.Input;
        int length = descriptors[0].ReadAt(scratch, 0);
        return LaunchPlan.Parse(length < scratch.Length ? scratch[..length] : descriptors[0].ReadAllBytes(MaxPlan));
    }
}
