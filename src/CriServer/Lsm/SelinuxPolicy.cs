namespace CriRuntime.CriServer.Lsm;

/// <summary>What the policy in use says of containers: the labels of their processes and files, without categories.</summary>
public sealed record SelinuxPolicy(SelinuxLabel Process, SelinuxLabel Files)
{
    /// <summary>The policy that <c>/etc/selinux/config</c> names, by its <c>contexts/lxc_contexts</c> (lxc_contexts(5)).</summary>
    /// <param name="root"><c>/etc/selinux</c>.</param>
    /// <exception cref="InvalidDataException">It has no labels for containers; the message says what is missing where.</exception>
    public static SelinuxPolicy Read(string root)
    {
        string config = Path.Join(root, "config");
        string type = Value(config, "SELINUXTYPE") ?? "targeted";
        string contexts = Path.Join(root, type, "contexts", "lxc_contexts");
        return new SelinuxPolicy(Label(contexts, "process"), Label(contexts, "file"));
    }

    private static SelinuxLabel Label(string file, string key) =>
        SelinuxLabel.TryParse(Value(file, key) ?? "", out SelinuxLabel? label)
            ? label
            : throw new InvalidDataException($"{file} has no label for \"{key}\"; install a policy with containers (container-selinux)");

    /// <summary>Of a line <c>KEY = "VALUE"</c>, with or without blanks and quotes; # begins a comment. Null when there is none.</summary>
    private static string? Value(string file, string key)
    {
        if (!File.Exists(file))
            return null;
        foreach (string line in File.ReadLines(file))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line.AsSpan(0, equals).Trim().SequenceEqual(key))
                return line[(equals + 1)..].Trim().Trim('"');
        }

        return null;
    }
}
