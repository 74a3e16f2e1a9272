using System.Buffers;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Snapshots;

/// <summary>A snapshot's key, which is also its directory's name.</summary>
internal static class SnapshotKey
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    public static bool IsValid(string key) =>
        key.Length is > 0 and <= MaxLength && key[0] != '.' && !key.AsSpan().ContainsAnyExcept(Allowed);

    /// <exception cref="ImageException">InvalidArgument.</exception>
    public static void Check(string key)
    {
        if (!IsValid(key))
        {
            throw new ImageException(
                ImageErrorKind.InvalidArgument,
                $"invalid snapshot key {Quoted.Name(key)}: want 1 to {MaxLength} letters, digits, '_', '.' and '-', not beginning with '.'");
        }
    }
}
