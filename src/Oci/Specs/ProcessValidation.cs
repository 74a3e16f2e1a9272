namespace CriRuntime.Oci.Specs;

/// <summary>Checks of a process, of a container or of an exec.</summary>
public static class ProcessValidation
{
    /// <summary>Throws <see cref="SpecException"/> whose field starts with <paramref name="field"/>.</summary>
    public static void Check(Process process, string field)
    {
        if (process.Args.Count == 0)
            throw new SpecException(field + ".args", "needs the program's name at least");
        Text.RequireNoNul(process.Args, field + ".args");
        if (process.Args[0].Length == 0)
            throw new SpecException(field + ".args[0]", "the program's name is empty");
        Text.RequireNoNul(process.Env, field + ".env");
        Text.RequireAbsolute(process.Cwd, field + ".cwd");
        CheckUser(process.User, field + ".user");
        if (process.User.Umask is > 0x1ff)
            throw new SpecException(field + ".user.umask", $"{process.User.Umask} has bits outside 0777");
        if (process.OomScoreAdj is < -1000 or > 1000)
            throw new SpecException(field + ".oomScoreAdj", $"{process.OomScoreAdj} is not in -1000..1000");
        if (process.ConsoleSize is { } size && (size.Height > ushort.MaxValue || size.Width > ushort.MaxValue))
            throw new SpecException(field + ".consoleSize", $"{size.Width}x{size.Height} is larger than a terminal can be");
        CheckRlimits(process.Rlimits, field + ".rlimits");
        CheckIoPriority(process.IoPriority, field + ".ioPriority");
    }

    /// <summary>The number -1 is no id: setresuid(2) takes it for "leave as it is", and the process would stay root.</summary>
    private static void CheckUser(User user, string field)
    {
        const uint None = uint.MaxValue;
        if (user.Uid == None)
            throw new SpecException(field + ".uid", $"{None} is not an id");
        if (user.Gid == None)
            throw new SpecException(field + ".gid", $"{None} is not an id");
        if (user.AdditionalGids.Contains(None))
            throw new SpecException(field + ".additionalGids", $"{None} is not an id");
    }

    private static void CheckRlimits(IReadOnlyList<Rlimit> rlimits, string field)
    {
        HashSet<string> seen = [];
        for (int i = 0; i < rlimits.Count; i++)
        {
            Rlimit limit = rlimits[i];
            if (!limit.Type.StartsWith("RLIMIT_", StringComparison.Ordinal))
                throw new SpecException($"{field}[{i}].type", $"\"{limit.Type}\" is not a resource limit");
            if (!seen.Add(limit.Type))
                throw new SpecException($"{field}[{i}].type", $"{limit.Type} is set twice");
            if (limit.Soft > limit.Hard)
                throw new SpecException($"{field}[{i}].soft", $"{limit.Soft} is above the hard limit {limit.Hard}");
        }
    }

    private static void CheckIoPriority(IoPriority? priority, string field)
    {
        if (priority is null)
            return;
        if (priority.Class is not ("IOPRIO_CLASS_RT" or "IOPRIO_CLASS_BE" or "IOPRIO_CLASS_IDLE"))
            throw new SpecException(field + ".class", $"\"{priority.Class}\" is not an I/O priority class");
        if (priority.Priority is < 0 or > 7)
            throw new SpecException(field + ".priority", $"{priority.Priority} is not in 0..7");
    }
}
