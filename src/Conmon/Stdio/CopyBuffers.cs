using CriRuntime.Conmon.Logs;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Stdio;

/// <summary>
/// The memory through which all output of all containers of the monitor passes, one batch at a time. Outside the heap;
/// an idle monitor has given it back.
/// </summary>
internal sealed class CopyBuffers
{
    /// <summary>The most bytes of one read.</summary>
    internal const int ReadSize = 256 * 1024;

    private const int OutputSize = 384 * 1024;

    private readonly NativeBuffer _input = new(CriLogFormat.MaxContent + ReadSize);
    private readonly NativeBuffer _output = new(OutputSize);
    private readonly Stack<byte[]> _spareCarries = new(8);
    private bool _used;

    /// <summary>Room for what an earlier read left over, and one read behind it.</summary>
    internal Span<byte> Input
    {
        get
        {
            _used = true;
            return _input.Span;
        }
    }

    /// <summary>Room for encoded entries, several times the longest.</summary>
    internal Span<byte> Output => _output.Span;

    internal CriTimestamp Timestamp { get; } = new();

    /// <summary>A buffer for the beginning of a line, <see cref="CriLogFormat.MaxContent"/> bytes.</summary>
    internal byte[] RentCarry() => _spareCarries.TryPop(out byte[]? spare) ? spare : new byte[CriLogFormat.MaxContent];

    internal void ReturnCarry(byte[] carry)
    {
        if (_spareCarries.Count < 2)
            _spareCarries.Push(carry);
    }

    /// <summary>Gives the pages back when nothing was copied for a while.</summary>
    internal void Release()
    {
        if (!_used)
            return;
        _input.Release();
        _output.Release();
        _used = false;
    }
}
