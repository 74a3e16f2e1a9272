using System.Buffers;
using System.Text;

namespace CriRuntime.Oci.Specs;

/// <summary>
/// A specification holds text; arguments, environments and paths are bytes. A byte that is not part of valid UTF-8 stands in the text as a lone surrogate,
/// U+DC80 to U+DCFF for 0x80 to 0xFF (PEP 383). No valid text has one, so that bytes come out as they went in.
/// </summary>
public static class SurrogateEscape
{
    private const char First = '\uDC80', Last = '\uDCFF';
    private const int Offset = 0xDC00;

    /// <summary>The text of bytes, whatever they are.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.Done;
            if (valid)
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            else
                text.Append((char)(Offset + bytes[0]));
            bytes = bytes[(valid ? length : 1)..];
        }
        return text.ToString();
    }

    /// <summary>Appends the bytes of a text. A surrogate that stands for nothing becomes U+FFFD.</summary>
    public static void Encode(ReadOnlySpan<char> text, IBufferWriter<byte> bytes)
    {
        int escape;
        while ((escape = IndexOfEscape(text)) >= 0)
        {
            Encoding.UTF8.GetBytes(text[..escape], bytes);
            bytes.Write([(byte)(text[escape] - Offset)]);
            text = text[(escape + 1)..];
        }
        Encoding.UTF8.GetBytes(text, bytes);
    }

    /// <summary>What JSON makes of a text that it cannot hold, U+FFFD for each escaped byte; null when it can hold it.</summary>
    public static string? WithoutEscapes(string text)
    {
        if (IndexOfEscape(text) < 0)
            return null;
        return string.Create(text.Length, text, static (written, all) =>
        {
            all.CopyTo(written);
            for (int at; (at = IndexOfEscape(written)) >= 0; written = written[(at + 1)..])
                written[at] = '\uFFFD';
        });
    }

    /// <summary>The first low surrogate of the range that does not belong to a pair; -1 for none.</summary>
    private static int IndexOfEscape(ReadOnlySpan<char> text)
    {
        int at = text.IndexOfAnyInRange(First, Last);
        while (at > 0 && char.IsHighSurrogate(text[at - 1]))
        {
            int next = text[(at + 1)..].IndexOfAnyInRange(First, Last);
            at = next < 0 ? -1 : at + 1 + next;
        }
        return at;
    }
}
