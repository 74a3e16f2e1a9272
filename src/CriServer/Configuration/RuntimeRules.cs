namespace CriRuntime.CriServer.Configuration;

/// <summary>What the runtime handlers of a configuration must be. Whether their binaries are there is looked at when they are used.</summary>
internal static class RuntimeRules
{
    internal const string BuiltIn = "builtin";
    internal const string Oci = "oci";

    /// <summary>A RuntimeClass's handler is a DNS label.</summary>
    private const int LongestName = 63;

    /// <summary>The daemon waits two minutes for a monitor.</summary>
    private const int LongestTimeout = 100;

    internal static IEnumerable<ConfigurationProblem> Check(ServerConfiguration c)
    {
        if (c.DefaultRuntime.Length > 0 && !c.Runtimes.ContainsKey(c.DefaultRuntime))
            yield return new("defaultRuntime", $"'{c.DefaultRuntime}' is not one of runtimes ({string.Join(", ", c.Runtimes.Keys)})");
        foreach ((string name, RuntimeConfiguration runtime) in c.Runtimes)
        {
            foreach (ConfigurationProblem problem in Check(name, runtime))
                yield return problem;
        }
    }

    private static IEnumerable<ConfigurationProblem> Check(string name, RuntimeConfiguration runtime)
    {
        string key = $"runtimes.{name}";
        if (name.Length is 0 or > LongestName || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') || name[0] == '-')
            yield return new(key, $"the key is not a name of at most {LongestName} letters, digits and '-', as a RuntimeClass's handler has it");
        if (runtime.Type is not (null or Oci or BuiltIn))
            yield return new($"{key}.type", $"'{runtime.Type}' is none of {Oci}, {BuiltIn}");
        if (runtime.Type == BuiltIn && (runtime.Path is not null || runtime.Root is not null || runtime.TimeoutSeconds is not null))
            yield return new(key, $"path, root and timeoutSeconds are for binaries, and its type is {BuiltIn}");
        if (runtime.Path is { } path && !IsProgram(path))
            yield return new($"{key}.path", $"'{path}' is neither an absolute path without '..' nor a name that is looked up in PATH");
        if (runtime.Root is { } root && (!root.StartsWith('/') || root.Contains('\0') || root.Split('/').Contains("..")))
            yield return new($"{key}.root", $"'{root}' is not an absolute path without '..'");
        if (runtime.TimeoutSeconds is < 1 or > LongestTimeout)
            yield return new($"{key}.timeoutSeconds", $"{runtime.TimeoutSeconds} is not between 1 and {LongestTimeout}");
        if (runtime.AllowedAnnotations?.Any(static pattern => pattern.Length == 0) == true)
            yield return new($"{key}.allowedAnnotations", "has an empty entry");
    }

    private static bool IsProgram(string path) =>
        path.Length > 0 && !path.Contains('\0') && (path.StartsWith('/') ? !path.Split('/').Contains("..") : !path.Contains('/') && path is not ("." or ".."));
}
