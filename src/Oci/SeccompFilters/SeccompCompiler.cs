using CriRuntime.Linux.Seccomp;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.SeccompFilters;

/// <summary>From the configuration's seccomp section to a program, through libseccomp (config-linux.md, Seccomp).</summary>
public static class SeccompCompiler
{
    private const int MaxInstructions = 4096; // BPF_MAXINSNS

    /// <summary>Compiles without looking at the cache; see <see cref="SeccompProgramCache"/>.</summary>
    /// <exception cref="SeccompException">The section is not understood, or needs what is not supported.</exception>
    public static SeccompProgram Compile(Seccomp seccomp)
    {
        if (!string.IsNullOrEmpty(seccomp.ListenerPath) || !string.IsNullOrEmpty(seccomp.ListenerMetadata))
            throw new SeccompException("listenerPath", "notification listeners are not supported");
        uint flags = SeccompFlags.Resolve(seccomp.Flags);
        uint defaultAction = SeccompAction.Resolve(seccomp.DefaultAction, seccomp.DefaultErrnoRet, "defaultAction", "defaultErrnoRet");
        using var filter = new SeccompFilter(defaultAction);
        filter.TryOptimizeAsTree();
        AddArchitectures(filter, seccomp.Architectures);
        for (int i = 0; i < seccomp.Syscalls.Count; i++)
            AddRules(filter, seccomp.Syscalls[i], defaultAction, $"syscalls[{i}]");
        byte[] code = filter.ToBytes();
        if (code.Length / 8 > MaxInstructions)
            throw new SeccompException("", $"the filter has {code.Length / 8} instructions; the kernel takes {MaxInstructions}");
        return new SeccompProgram(Normalised(code), flags);
    }

    private static byte[] Normalised(byte[] code) => code.Length > 0 && code.Length % 8 == 0
        ? code
        : throw new SeccompException("", "libseccomp produced no program");

    private static void AddArchitectures(SeccompFilter filter, IReadOnlyList<string> names)
    {
        for (int i = 0; i < names.Count; i++)
        {
            string field = $"architectures[{i}]";
            if (!filter.TryAddArchitecture(SeccompArchitecture.LibraryName(names[i], field)))
                throw new SeccompException(field, $"\"{names[i]}\" is not an architecture that libseccomp knows");
        }
    }

    private static void AddRules(SeccompFilter filter, SeccompSyscall rule, uint defaultAction, string field)
    {
        if (rule.Names.Count == 0)
            throw new SeccompException(field + ".names", "is empty");
        uint action = SeccompAction.Resolve(rule.Action, rule.ErrnoRet, field + ".action", field + ".errnoRet");
        SeccompFilter.Comparison[][] comparisons = SeccompComparison.Rules(rule.Args, field + ".args");
        // Without tests, a rule that repeats the default would only be refused.
        if (action == defaultAction)
            return;
        foreach (string name in rule.Names)
        {
            if (string.IsNullOrEmpty(name) || name.Contains('\0', StringComparison.Ordinal))
                throw new SeccompException(field + ".names", "has an empty name or one with a NUL character");
            // Profiles name calls of newer kernels and of other machines; a libseccomp that does not know them filters by default.
            if (SeccompFilter.ResolveSyscall(name) is not { } number)
                continue;
            foreach (SeccompFilter.Comparison[] tests in comparisons)
                filter.TryAddRule(action, number, tests);
        }
    }
}
