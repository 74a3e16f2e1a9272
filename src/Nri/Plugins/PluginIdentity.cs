using System.Buffers;

namespace CriRuntime.Nri.Plugins;

/// <summary>What a plugin is called and when its turn is.</summary>
/// <param name="Index">Two digits; plugins are called in ascending order.</param>
/// <param name="BaseName">Letters, digits and <c>-_.+</c>.</param>
internal sealed record PluginIdentity(string Index, string BaseName)
{
    private const int MaxName = 128;

    private static readonly SearchValues<char> s_allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+");

    /// <exception cref="NriException">What is wrong with it.</exception>
    internal static PluginIdentity Check(string index, string name)
    {
        if (index.Length != 2 || !char.IsAsciiDigit(index[0]) || !char.IsAsciiDigit(index[1]))
            throw new NriException($"the plugin index \"{Shorten(index)}\" is not two digits");
        if (name.Length is 0 or > MaxName || name.AsSpan().ContainsAnyExcept(s_allowed))
            throw new NriException($"the plugin name \"{Shorten(name)}\" is not made of 1 to {MaxName} letters, digits and -_.+");
        return new PluginIdentity(index, name);
    }

    /// <param name="file">The name of a program: <c>NN-name</c>.</param>
    /// <exception cref="NriException">It has another form.</exception>
    internal static PluginIdentity Parse(string file) =>
        file.IndexOf('-', StringComparison.Ordinal) is >= 0 and int dash
            ? Check(file[..dash], file[(dash + 1)..])
            : throw new NriException($"\"{Shorten(file)}\" has no index in front, as in 10-name");

    public override string ToString() => $"{Index}-{BaseName}";

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
