namespace CriRuntime.Bench.Streams;

/// <summary>How an attach client fared.</summary>
internal enum Ending
{
    /// <summary>It got every byte.</summary>
    Whole,

    /// <summary>It was dropped, and told why.</summary>
    Told,

    /// <summary>It got fewer bytes or others, and nobody said so.</summary>
    Lost,
}

/// <summary>Reads an attach session to its end and compares what comes with what the container writes: one block, again and again.</summary>
internal sealed class AttachReader
{
    private const int Stdout = 1;
    private readonly byte[] _block;
    private readonly StreamStatus _status = new();
    private bool _wrong;

    private AttachReader(byte[] block) => _block = block;

    /// <summary>Bytes that came.</summary>
    internal long Received { get; private set; }

    internal static async Task<AttachReader> RunAsync(ChannelClient client, byte[] block, CancellationToken limit)
    {
        AttachReader reader = new(block);
        while (await client.ReceiveAsync(limit) is { } piece)
        {
            if (piece.Channel == Stdout)
                reader.Compare(piece.Bytes.Span);
            else if (piece.Channel == ChannelClient.Error)
                reader._status.Append(piece.Bytes);
        }

        return reader;
    }

    /// <param name="written">Bytes that the container wrote in all.</param>
    internal Ending EndingAfter(long written)
    {
        if (_wrong)
            return Ending.Lost;
        if (Received == written)
            return Ending.Whole;
        return !_status.Success && _status.Message.Length > 0 ? Ending.Told : Ending.Lost;
    }

    private void Compare(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ReadOnlySpan<byte> expected = _block.AsSpan((int)(Received % _block.Length));
            int count = Math.Min(expected.Length, bytes.Length);
            _wrong |= !bytes[..count].SequenceEqual(expected[..count]);
            Received += count;
            bytes = bytes[count..];
        }
    }
}
