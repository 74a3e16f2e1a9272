namespace CriRuntime.Oci.Specs;

/// <summary>
/// What a container has of resctrl (config-linux.md, IntelRdt): the class that it is in, what is written to it, and where it is measured. A class that the
/// specification names by closID is its operator's: it is made if it is missing, and stays. One that it does not name is the container's own, called as it is, and goes with it.
/// </summary>
public sealed record ResctrlGroup
{
    /// <summary>The class's directory.</summary>
    public required string Path { get; init; }

    /// <summary>Lines for the schemata file, each with its newline; empty: the class is joined as it is.</summary>
    public string Schemata { get; init; } = "";

    /// <summary>The monitoring group's directory; null: it is not measured apart.</summary>
    public string? Monitoring { get; init; }

    /// <summary>The directories that are made for the container and go with it.</summary>
    public IReadOnlyList<string> Own { get; init; } = [];

    /// <param name="rdt">Checked; null: the container has nothing of it.</param>
    /// <param name="containerId">Names what is its own.</param>
    /// <param name="root">Where resctrl is mounted.</param>
    public static ResctrlGroup? Of(IntelRdt? rdt, string containerId, string root = Resctrl.Root)
    {
        if (rdt is null)
            return null;
        string schemata = Lines(rdt);
        bool named = !string.IsNullOrEmpty(rdt.ClosId);
        bool own = !named && schemata.Length > 0;
        string path = Resctrl.Directory(root, named ? rdt.ClosId! : own ? containerId : Resctrl.RootClass);
        string? monitoring = rdt.EnableMonitoring ? $"{path}/mon_groups/{containerId}" : null;
        return new ResctrlGroup { Path = path, Schemata = schemata, Monitoring = monitoring, Own = own ? [path] : monitoring is null ? [] : [monitoring] };
    }

    /// <summary>Removes what is a container's own, wherever it is; with it goes what is below. Fine where there is nothing, and no resctrl.</summary>
    /// <param name="containerId">Such as nobody gives to a class.</param>
    /// <param name="root">Where resctrl is mounted.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void RemoveOwn(string containerId, string root = Resctrl.Root)
    {
        if (!Directory.Exists($"{root}/info"))
            return;
        Remove([$"{root}/{containerId}", $"{root}/mon_groups/{containerId}"]);
        foreach (string group in Directory.GetDirectories(root))
            Remove([$"{group}/mon_groups/{containerId}"]);
    }

    /// <summary>The files in such a directory are the kernel's, and go with it. Fine where it is gone.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void Remove(IReadOnlyList<string> directories)
    {
        foreach (string directory in directories)
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory);
        }
    }

    /// <summary>Where memBwSchema is set, lines for memory bandwidth in l3CacheSchema don't count.</summary>
    internal static string Lines(IntelRdt rdt)
    {
        List<string> lines = [];
        bool bandwidth = !string.IsNullOrEmpty(rdt.MemBwSchema);
        foreach (string line in Split(rdt.L3CacheSchema))
        {
            if (!bandwidth || !line.StartsWith("MB:", StringComparison.Ordinal))
                lines.Add(line);
        }

        lines.AddRange(Split(rdt.MemBwSchema));
        lines.AddRange(rdt.Schemata);
        return string.Concat(lines.ConvertAll(static line => line + "\n"));
    }

    private static string[] Split(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
