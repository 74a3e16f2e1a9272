using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Connections;

/// <summary>To whom and to what a reply belongs; may be kept until the reply is known. Replying to a closed connection does nothing.</summary>
internal readonly record struct Requester(Connection Connection, MessageType Type, uint RequestId)
{
    internal void Succeed() => Succeed(default(NoPayload));

    internal void Succeed<T>(T payload, FileDescriptor? descriptor = null)
        where T : IPayload => Connection.Send(Type, MessageFlags.Reply, RequestId, payload, descriptor);

    /// <summary>One frame of a reply that goes on.</summary>
    internal void Continue<T>(T payload)
        where T : IPayload => Connection.Send(Type, MessageFlags.Reply | MessageFlags.More, RequestId, payload);

    internal void Fail(MonitorErrorKind kind, string message)
    {
        // Room for any message that a frame can carry, with something to spare for multi-byte characters.
        const int MaxCharacters = FrameHeader.MaxFrame / 4;
        string fitting = message.Length <= MaxCharacters ? message : message[..MaxCharacters];
        Connection.Send(Type, MessageFlags.Reply | MessageFlags.Error, RequestId, new FailureMessage(kind, fitting));
    }
}
