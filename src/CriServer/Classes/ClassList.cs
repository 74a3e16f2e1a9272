using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Classes;

/// <summary>Names of classes for a message.</summary>
internal static class ClassList
{
    private const int Shown = 20;

    internal static string Describe(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
            return "none";
        string list = string.Join(", ", names.Take(Shown).Select(static name => TextLimits.Shorten(name)));
        return names.Count <= Shown ? list : $"{list} and {names.Count - Shown} more";
    }
}
