using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Metadata entries as header values and back: text as it is, <c>-bin</c> values in base64.</summary>
internal static class MetadataEncoding
{
    /// <summary>The header value of an entry. Base64 goes out without padding, as the specification asks.</summary>
    internal static string Encode(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value;

    /// <summary>
    /// Adds a received header. Several binary values may arrive joined by commas. What could not be metadata
    /// (a strange name, a value beyond ASCII, broken base64) is left out, as it cannot be told to the service.
    /// </summary>
    internal static void Decode(Metadata into, string name, string value)
    {
        // HTTP/2 carries lower-case names only, but Kestrel and HttpClient write well-known ones in their own case
        string key = name.ToLowerInvariant();
        if (GrpcHeaders.IsReserved(key) || !Metadata.Entry.IsValidKey(key)) return;

        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal))
        {
            if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~')) into.Add(key, value);
            return;
        }

        foreach (Range part in value.AsSpan().Split(','))
        {
            if (TryDecodeBase64(value.AsSpan(part).Trim(), out byte[]? bytes)) into.Add(key, bytes);
        }
    }

    private static bool TryDecodeBase64(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        ReadOnlySpan<char> unpadded = text.TrimEnd('=');
        string padded = string.Concat(unpadded, (unpadded.Length % 4) switch { 2 => "==", 3 => "=", _ => "" });
        bytes = null;
        if (!Base64.IsValid(padded)) return false;
        bytes = Convert.FromBase64String(padded);
        return true;
    }
}
