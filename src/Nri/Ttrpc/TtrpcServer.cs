using System.Threading.Channels;
using CriRuntime.Nri.Multiplexing;
using CriRuntime.Nri.Ttrpc.Wire;
using Google.Protobuf;

namespace CriRuntime.Nri.Ttrpc;

/// <summary>Serves unary methods to the other side, one call after another.</summary>
/// <param name="methods">By <c>service/method</c>; what they throw as <see cref="TtrpcException"/> or <see cref="NriException"/> becomes the call's status.</param>
/// <param name="send">Writes one message.</param>
internal sealed class TtrpcServer(
    IReadOnlyDictionary<string, Func<ByteString, CancellationToken, Task<IMessage>>> methods, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send)
{
    /// <summary>Calls that may wait for their turn; who sends more without waiting for answers is not served any more.</summary>
    internal const int MaxWaiting = 8;

    private readonly Channel<Message> _calls = Channel.CreateBounded<Message>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });

    /// <summary>Where the other side's messages go in.</summary>
    internal IByteSink Sink => new MessageAssembler(Accept);

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="ProtocolException">A request cannot be read.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (Message call in _calls.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            Response response = await ServeAsync(call, cancellationToken).ConfigureAwait(false);
            byte[] message = Message.Allocate(call.StreamId, MessageType.Response, response.CalculateSize());
            response.WriteTo(message.AsSpan(Message.HeaderSize));
            await send(message, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Accept(Message message)
    {
        if (message.Type != MessageType.Request)
            throw new ProtocolException($"a message of type {(byte)message.Type} where only requests are expected");
        if (message.StreamId % 2 == 0)
            throw new ProtocolException($"a request on stream {message.StreamId}: a client's streams are odd");
        if (!_calls.Writer.TryWrite(message))
            throw new ProtocolException($"more than {MaxWaiting} calls at once");
    }

    private async Task<Response> ServeAsync(Message call, CancellationToken cancellationToken)
    {
        Request request = Parse(call);
        if (!methods.TryGetValue($"{request.Service}/{request.Method}", out Func<ByteString, CancellationToken, Task<IMessage>>? method))
            return Failed(StatusCode.Unimplemented, "no such method");
        try
        {
            IMessage answer = await method(request.Payload, cancellationToken).ConfigureAwait(false);
            return new Response { Payload = answer.ToByteString() };
        }
        catch (TtrpcException e)
        {
            return Failed(e.Code, e.Message);
        }
        catch (NriException e)
        {
            return Failed(StatusCode.FailedPrecondition, e.Message);
        }
        catch (InvalidProtocolBufferException e)
        {
            return Failed(StatusCode.InvalidArgument, $"the request can't be read: {e.Message}");
        }
    }

    private static Request Parse(Message call)
    {
        try
        {
            return Request.Parser.ParseFrom(call.Payload.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ProtocolException($"a request that can't be read: {e.Message}", e);
        }
    }

    private static Response Failed(int code, string message) => new() { Status = new Status { Code = code, Message = message } };
}
