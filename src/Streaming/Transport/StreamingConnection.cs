using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace CriRuntime.Streaming.Transport;

/// <summary>An accepted TCP connection: pipes over the socket for Kestrel, until it is taken over.</summary>
internal sealed class StreamingConnection : DefaultConnectionContext, IConnectionSocketFeature, IDirectSocketFeature
{
    // Requests are small; under TLS, streams go through these pipes too.
    private const int PipeBuffer = 32 * 1024;
    private static long s_lastId;
    private readonly NetworkStream _stream;

    // Never disposed: nothing of it is, without a timer.
    private readonly CancellationTokenSource _closed = new();

    internal StreamingConnection(Socket socket)
        : base($"streaming-{Interlocked.Increment(ref s_lastId)}")
    {
        Socket = socket;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        _stream = new NetworkStream(socket, ownsSocket: false);
        Transport = new Pipes(
            PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: PipeBuffer, leaveOpen: true, useZeroByteReads: true)),
            PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: PipeBuffer, leaveOpen: true)));
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IDirectSocketFeature>(this);
    }

    public Socket Socket { get; }

    public bool TryTakeOver([NotNullWhen(true)] out Socket? socket, out byte[] received)
    {
        received = [];
        if (Transport.Input.TryRead(out ReadResult read))
        {
            received = read.Buffer.ToArray();
            Transport.Input.AdvanceTo(read.Buffer.End);
        }

        socket = Socket;
        return true;
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // Not the base's: that cancels on another thread a source which its disposal disposes, and an unlucky order ends the process.
        Socket.Dispose();
        _ = _closed.CancelAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        Socket.Dispose();
        await _stream.DisposeAsync();
        await _closed.CancelAsync();
        await base.DisposeAsync();
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
