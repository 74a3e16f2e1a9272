using System.Text.Json;

namespace CriRuntime.Streaming.RemoteCommand;

/// <summary>Reads the resize channel: JSON objects {"Width":80,"Height":24} that follow one another, cut anywhere.</summary>
internal sealed class ResizeDecoder
{
    /// <summary>Longer than any sensible object; more than this without a whole one is an error.</summary>
    internal const int MaximumPending = 1024;

    private readonly byte[] _pending = new byte[MaximumPending];
    private int _count;

    /// <summary>Adds bytes and tells the last whole size in them, for only that matters. Null: none is whole yet.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such objects.</exception>
    internal TerminalSize? Add(ReadOnlySpan<byte> bytes)
    {
        TerminalSize? last = null;
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, MaximumPending - _count);
            if (count == 0)
                throw new InvalidDataException($"A terminal size of more than {MaximumPending} bytes.");
            bytes[..count].CopyTo(_pending.AsSpan(_count));
            _count += count;
            bytes = bytes[count..];
            last = TakeWhole() ?? last;
        }

        return last;
    }

    private TerminalSize? TakeWhole()
    {
        TerminalSize? last = null;
        int used = 0;
        try
        {
            Utf8JsonReader reader = new(_pending.AsSpan(0, _count), isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 4 }));
            while (TryReadSize(ref reader, out TerminalSize size))
            {
                last = size;
                used = (int)reader.BytesConsumed;
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"No terminal size: {e.Message}", e);
        }

        _pending.AsSpan(used, _count - used).CopyTo(_pending);
        _count -= used;
        return last;
    }

    private static bool TryReadSize(ref Utf8JsonReader reader, out TerminalSize size)
    {
        size = default;
        ushort width = 0;
        ushort height = 0;
        if (!reader.Read())
            return false;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException("A terminal size that is no object.");
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                size = new TerminalSize(width, height);
                return true;
            }

            string? name = reader.GetString();
            if (!reader.Read())
                return false;
            if (string.Equals(name, "Width", StringComparison.OrdinalIgnoreCase))
                width = Number(ref reader);
            else if (string.Equals(name, "Height", StringComparison.OrdinalIgnoreCase))
                height = Number(ref reader);
            else if (!reader.TrySkip())
                return false;
        }

        return false;
    }

    private static ushort Number(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt16(out ushort value)
            ? value
            : throw new InvalidDataException("A terminal's width and height are numbers from 0 to 65535.");
}
