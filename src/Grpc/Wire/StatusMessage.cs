using System.Globalization;
using System.Text;

namespace Grpc.Wire;

/// <summary>
/// The percent encoding of grpc-message: UTF-8, where every byte outside space..tilde, and the percent sign
/// itself, is written as %XX.
/// </summary>
internal static class StatusMessage
{
    /// <summary>
    /// Characters of a message that are sent. A header block has to fit the peer's limit; a longer message is
    /// no sentence for a person any more.
    /// </summary>
    internal const int MaxLength = 4096;

    internal static string Encode(string message)
    {
        if (message.Length > MaxLength) message = string.Concat(message.AsSpan(0, MaxLength), " ... (cut)");
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%')) return message;

        var encoded = new StringBuilder(message.Length * 2);
        foreach (byte value in Encoding.UTF8.GetBytes(message))
        {
            if (value is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
                encoded.Append((char)value);
            else
                encoded.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    /// <summary>Undoes <see cref="Encode"/>; a percent sign without two hex digits stays as it is (the specification forbids failing).</summary>
    internal static string Decode(string encoded)
    {
        if (!encoded.Contains('%')) return encoded;

        byte[] source = Encoding.UTF8.GetBytes(encoded);
        byte[] target = new byte[source.Length];
        int length = 0;
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length
                && byte.TryParse(source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                target[length++] = value;
                i += 2;
            }
            else
            {
                target[length++] = source[i];
            }
        }

        return Encoding.UTF8.GetString(target, 0, length);
    }
}
