using CriRuntime.Nri.Multiplexing;
using CriRuntime.Nri.Ttrpc.Wire;
using Google.Protobuf;

namespace CriRuntime.Nri.Ttrpc;

/// <summary>Calls methods of the other side. Calls may overlap; each has a stream of its own, odd and ascending.</summary>
/// <param name="send">Writes one message.</param>
internal sealed class TtrpcClient(Func<ReadOnlyMemory<byte>, CancellationToken, Task> send)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, TaskCompletionSource<Response>> _pending = [];
    private uint _nextStream = 1;
    private Exception? _failure;

    /// <summary>Where the other side's messages go in.</summary>
    internal IByteSink Sink => new MessageAssembler(Accept);

    /// <returns>The serialized response.</returns>
    /// <exception cref="TtrpcException">The other side answered with an error.</exception>
    /// <exception cref="ConnectionLostException">No answer in time, or no connection any more.</exception>
    /// <exception cref="OversizeException">Nothing was sent.</exception>
    internal async Task<ByteString> CallAsync(string service, string method, IMessage request, TimeSpan timeout)
    {
        Request envelope = new() { Service = service, Method = method, Payload = request.ToByteString(), TimeoutNano = timeout.Ticks * 100 };
        int size = envelope.CalculateSize();
        if (size > Message.MaxPayload)
            throw new OversizeException(size);
        (uint stream, Task<Response> answer) = Begin();
        using CancellationTokenSource limit = new(timeout);
        try
        {
            byte[] message = Message.Allocate(stream, MessageType.Request, size);
            envelope.WriteTo(message.AsSpan(Message.HeaderSize));
            await send(message, limit.Token).ConfigureAwait(false);
            Response response = await answer.WaitAsync(limit.Token).ConfigureAwait(false);
            return response.Status is { Code: not StatusCode.Ok } status ? throw new TtrpcException(status.Code, status.Message) : response.Payload;
        }
        catch (OperationCanceledException e)
        {
            throw new ConnectionLostException($"no answer to {method} within {timeout.TotalSeconds:0.###} s", e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new ConnectionLostException($"{method} could not be sent: {e.Message}", e);
        }
    }

    /// <summary>Whether a call waits for its answer.</summary>
    internal bool IsBusy
    {
        get
        {
            lock (_gate)
                return _pending.Count > 0;
        }
    }

    /// <summary>No answer will come any more.</summary>
    internal void Fail(string reason)
    {
        TaskCompletionSource<Response>[] waiting;
        lock (_gate)
        {
            _failure ??= new ConnectionLostException(reason);
            waiting = [.. _pending.Values];
            _pending.Clear();
        }

        foreach (TaskCompletionSource<Response> call in waiting)
            call.TrySetException(new ConnectionLostException(reason));
    }

    private (uint Stream, Task<Response> Answer) Begin()
    {
        TaskCompletionSource<Response> call = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_failure is not null)
                throw new ConnectionLostException(_failure.Message);
            uint stream = _nextStream;
            _nextStream += 2;
            _pending.Add(stream, call);
            return (stream, call.Task);
        }
    }

    private void Accept(Message message)
    {
        if (message.Type != MessageType.Response)
            throw new ProtocolException($"a message of type {(byte)message.Type} where only responses are expected");
        TaskCompletionSource<Response>? call;
        lock (_gate)
        {
            if (!_pending.Remove(message.StreamId, out call))
                throw new ProtocolException($"a response to stream {message.StreamId}, where nobody waits for one");
        }

        try
        {
            call.TrySetResult(Response.Parser.ParseFrom(message.Payload.Span));
        }
        catch (InvalidProtocolBufferException e)
        {
            call.TrySetException(new ConnectionLostException("the response can't be read", e));
            throw new ProtocolException($"a response that can't be read: {e.Message}", e);
        }
    }
}
