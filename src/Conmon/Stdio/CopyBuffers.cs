using CriRuntime.Conmon.Logs;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Stdio;

/// <summary>
/// The memory through which all output of all containers of the monitor passes, one batch at a time. Outside the heap;
/// an idle monitor has given it back, and made the pipes small again that were made large.
/// </summary>
internal sealed class CopyBuffers
{
    /// <summary>The most bytes of one read.</summary>
    internal const int ReadSize = 256 * 1024;

    private const int OutputSize = 512 * 1024;

    private readonly NativeBuffer _input = new(CriLogFormat.MaxContent + ReadSize);
    private readonly NativeBuffer _output = new(OutputSize);
    private readonly Stack<byte[]> _spareCarries = new(8);
    private readonly List<OutputStream> _enlarged = new(4);
    private bool _used;

    /// <summary>Room for what an earlier read left over, <see cref="CriLogFormat.MaxContent"/> bytes, and one read behind it, which begins on a page.</summary>
    internal Span<byte> Input
    {
        get
        {
            _used = true;
            return _input.Span;
        }
    }

    internal CriTimestamp Timestamp { get; } = new();

    /// <summary>Room for encoded entries, several times the longest.</summary>
    internal Span<byte> Output => _output.Span;

    /// <summary>A buffer for the beginning of a line, <see cref="CriLogFormat.MaxContent"/> bytes.</summary>
    internal byte[] RentCarry() => _spareCarries.TryPop(out byte[]? spare) ? spare : new byte[CriLogFormat.MaxContent];

    internal void ReturnCarry(byte[] carry)
    {
        if (_spareCarries.Count < 2)
            _spareCarries.Push(carry);
    }

    /// <summary>The stream's pipe is to be made small again when there is nothing to do.</summary>
    internal void NoteEnlarged(OutputStream stream) => _enlarged.Add(stream);

    /// <summary>Gives the pages back when nothing was copied for a while.</summary>
    internal void Release()
    {
        foreach (OutputStream stream in _enlarged)
            stream.ShrinkPipe();
        _enlarged.Clear();
        if (!_used)
            return;
        _input.Release();
        _output.Release();
        _used = false;
    }
}
