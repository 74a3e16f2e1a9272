using Grpc.Core;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>When a call must be over, and who may cancel it.</summary>
internal sealed partial class ServerCall
{
    private static readonly Status s_deadlineExceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    private DateTime _deadline = DateTime.MaxValue;
    private CancellationTokenSource? _deadlineSource;
    private CancellationTokenRegistration _clientGone;
    private volatile bool _clientWentAway;
    private Task _deadlineEnd = Task.CompletedTask;

    /// <summary>Whether the deadline, and not the client, cancelled the call.</summary>
    internal bool DeadlinePassed => _deadlineSource is { IsCancellationRequested: true } && !_clientWentAway;

    protected override DateTime DeadlineCore => _deadline;

    protected override CancellationToken CancellationTokenCore => _deadlineSource?.Token ?? Http.RequestAborted;

    /// <summary>Stops the clock, after the end of the call; completes when nothing of the call runs any more.</summary>
    public ValueTask DisposeAsync()
    {
        if (_deadlineSource is null) return ValueTask.CompletedTask;
        _clientGone.Unregister();
        Task end;
        lock (_gate) end = _deadlineEnd;
        _deadlineSource.Dispose();
        return new ValueTask(end);
    }

    private void StartDeadline(string? header)
    {
        if (header is null) return;
        if (!CallTimeout.TryParse(header, out TimeSpan timeout))
            throw new RpcException(new Status(StatusCode.Internal, $"Malformed grpc-timeout '{header}'."));
        if (timeout > CallTimeout.Longest) return;

        // no execution context is captured: the callbacks run on timers for calls of anyone
        _deadline = DateTime.UtcNow + timeout;
        _deadlineSource = new CancellationTokenSource();
        _deadlineSource.Token.UnsafeRegister(static call => ((ServerCall)call!).EndByDeadline(), this);
        _clientGone = Http.RequestAborted.UnsafeRegister(static call => ((ServerCall)call!).OnClientGone(), this);
        if (timeout > TimeSpan.Zero) _deadlineSource.CancelAfter(timeout);
        else _deadlineSource.Cancel();
    }

    private void OnClientGone()
    {
        _clientWentAway = true;
        try
        {
            _deadlineSource!.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // the call ended in the same moment
        }
    }

    /// <summary>The client is told at once; the service's method may take its time to notice its token.</summary>
    private void EndByDeadline()
    {
        if (_clientWentAway) return;
        lock (_gate)
        {
            if (_ended) return;
            _ended = true;
            WriteStatus(s_deadlineExceeded, null);
            _deadlineEnd = Http.Response.CompleteAsync();
        }
    }
}
