using System.Buffers;
using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    /// <summary>
    /// One pair. Keys are lower case <c>[a-z0-9._-]+</c> (upper case is folded); text values are printable ASCII
    /// (gRPC over HTTP/2, "Custom-Metadata"); anything else throws <see cref="ArgumentException"/>.
    /// </summary>
    public sealed class Entry
    {
        private static readonly SearchValues<char> s_keyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

        private readonly string? _text;
        private readonly byte[]? _bytes;

        public Entry(string key, string value)
        {
            Key = Normalize(key);
            if (IsBinary) throw new ArgumentException($"The key {Key} ends in -bin, so its value must be bytes.", nameof(key));
            ArgumentNullException.ThrowIfNull(value);
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                throw new ArgumentException($"The value of {Key} has characters other than printable ASCII; use a -bin key.", nameof(value));
            _text = value;
        }

        public Entry(string key, byte[] valueBytes)
        {
            Key = Normalize(key);
            if (!IsBinary) throw new ArgumentException($"The key {Key} must end in -bin to have a value of bytes.", nameof(key));
            ArgumentNullException.ThrowIfNull(valueBytes);
            _bytes = [.. valueBytes];
        }

        public string Key { get; }

        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        /// <summary>The text value; throws <see cref="InvalidOperationException"/> for a binary entry.</summary>
        public string Value => _text ?? throw new InvalidOperationException($"The value of {Key} is bytes.");

        /// <summary>The bytes of the value, a copy; for a text entry its ASCII bytes.</summary>
        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_text!) : [.. _bytes];

        public override string ToString() => IsBinary ? $"[{Key}: {_bytes!.Length} bytes]" : $"[{Key}: {_text}]";

        /// <summary>Whether a header name from the wire could be a key.</summary>
        internal static bool IsValidKey(ReadOnlySpan<char> key) => !key.IsEmpty && !key.ContainsAnyExcept(s_keyCharacters);

        private static string Normalize(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            string folded = key.AsSpan().ContainsAnyInRange('A', 'Z') ? key.ToLowerInvariant() : key;
            return IsValidKey(folded)
                ? folded
                : throw new ArgumentException($"\"{key}\" is no metadata key: only a-z, 0-9, '.', '_' and '-' are.", nameof(key));
        }
    }
}
