namespace CriRuntime.Oci.Lifecycle;

/// <summary>The rules of container names, which become names of directories and cgroups.</summary>
public static class ContainerId
{
    private const int Longest = 1024;

    /// <exception cref="OciException">The name is refused.</exception>
    public static void Check(string id)
    {
        if (id.Length is 0 or > Longest)
            throw new OciException($"container id: must have 1 to {Longest} characters");
        if (id is "." or ".." || id.Contains("..", StringComparison.Ordinal) || !id.All(IsAllowed))
            throw new OciException($"container id \"{id}\": only letters, digits and _ + - . are allowed, and no \"..\"");
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '.';
}
