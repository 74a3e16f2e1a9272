using System.Buffers;
using System.Security.Cryptography;

namespace CriRuntime.CriServer.State;

/// <summary>Ids of pods and containers: 64 lower-case hexadecimal digits, 256 random bits.</summary>
public static class ObjectId
{
    public const int Length = 64;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Length / 2));

    public static bool IsValid(string text) => text.Length == Length && !text.AsSpan().ContainsAnyExcept(Digits);
}
