using System.Buffers;

namespace CriRuntime.Images.References;

/// <summary>The character sets of the reference and digest grammars.</summary>
internal static class Alphabet
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    public static readonly SearchValues<char> LowerHex = SearchValues.Create(Digits + "abcdef");

    public static readonly SearchValues<char> LowerAlphanumeric = SearchValues.Create(Lower + Digits);

    public static readonly SearchValues<char> Tag = SearchValues.Create(Lower + Upper + Digits + "_.-");

    public static readonly SearchValues<char> HostLabel = SearchValues.Create(Lower + Upper + Digits + "-");

    public static readonly SearchValues<char> IPv6 = SearchValues.Create(Digits + "abcdefABCDEF:.");
}
