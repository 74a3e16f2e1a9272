using System.Text;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Layers;

/// <summary>Names of hostile archives in messages.</summary>
internal static class EntryName
{
    public static string Show(ReadOnlySpan<byte> name) => Quoted.Name(Encoding.UTF8.GetString(name[..Math.Min(name.Length, 512)]));
}
