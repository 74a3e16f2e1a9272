using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace CriRuntime.Images.References;

/// <summary>
/// A content digest <c>algorithm:hex</c> (OCI image-spec, descriptor.md#digests). Only sha256 and sha512 exist
/// here, with lower-case hex of exactly their length, so that a digest is safe as a file name.
/// </summary>
[JsonConverter(typeof(DigestJsonConverter))]
public sealed record Digest
{
    private Digest(string algorithm, string hex)
    {
        Algorithm = algorithm;
        Hex = hex;
    }

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm { get; }

    /// <summary>64 or 128 lower-case hex digits.</summary>
    public string Hex { get; }

    /// <exception cref="ImageException">InvalidArgument: not a digest, or an unknown algorithm.</exception>
    public static Digest Parse(string text) => TryParse(text, out Digest? digest)
        ? digest
        : throw new ImageException(
            ImageErrorKind.InvalidArgument,
            $"invalid digest {Quoted.Name(text)}: want sha256:<64 hex digits> or sha512:<128 hex digits>");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        int colon = text is null ? -1 : text.IndexOf(':');
        if (colon < 0)
            return false;
        string algorithm = text![..colon];
        string hex = text[(colon + 1)..];
        if (hex.Length != HexLength(algorithm) || hex.AsSpan().ContainsAnyExcept(Alphabet.LowerHex))
            return false;
        digest = new Digest(algorithm, hex);
        return true;
    }

    /// <summary>The sha256 digest of <paramref name="content"/>.</summary>
    public static Digest Sha256(ReadOnlySpan<byte> content) =>
        new("sha256", Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>The digest that <paramref name="hash"/> has come to; resets the hash.</summary>
    public static Digest FromHash(IncrementalHash hash)
    {
        string algorithm = hash.AlgorithmName == HashAlgorithmName.SHA512 ? "sha512" : "sha256";
        return new Digest(algorithm, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The digest of <paramref name="content"/> by the algorithm of this one.</summary>
    public Digest Of(ReadOnlySpan<byte> content)
    {
        using IncrementalHash hash = CreateHash();
        hash.AppendData(content);
        return FromHash(hash);
    }

    /// <summary>A fresh hash of this digest's algorithm, to be compared by <see cref="FromHash"/>.</summary>
    public IncrementalHash CreateHash() => IncrementalHash.CreateHash(
        Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    public override string ToString() => $"{Algorithm}:{Hex}";

    private static int HexLength(string algorithm) => algorithm switch
    {
        "sha256" => 64,
        "sha512" => 128,
        _ => -1,
    };
}
