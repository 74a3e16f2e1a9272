using System.Runtime.InteropServices;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// What a process becomes before it executes its program, the same for a container's first and for further ones. The order is the one that
/// lets each step still have the rights it needs: limits and a seccomp filter that is no privilege escalation guard first, then identity, then
/// capabilities, then a filter that no_new_privs allows, then the program.
/// </summary>
internal sealed class ProcessSteps(PlanWriter plan, Process process, HostFacts host, bool inUserNamespace)
{
    private const ulong Unlimited = ulong.MaxValue;

    /// <summary>Limits and scheduling, while the process is still root.</summary>
    internal void Limit(string keyring)
    {
        plan.Child(new(StepKind.JoinSessionKeyring, "join a session keyring") { Text = "_ses." + keyring, Flags = StepFlags.Ignored });
        foreach (Rlimit limit in process.Rlimits)
            SetLimit(limit);
        Scheduling.Add(plan, process);
    }

    /// <summary>Everything that takes rights away, up to where the program could be executed.</summary>
    internal void Confine(SeccompProgram? filter)
    {
        CapabilitySets sets = CapabilitySets.Plan(plan, process.Capabilities, inUserNamespace ? ulong.MaxValue : host.Capabilities, host.LastCapability);
        if (process.NoNewPrivileges)
            plan.Child(new(StepKind.SetNoNewPrivileges, "set no_new_privs"));
        else
            Load(filter);
        sets.LimitBounding();
        plan.Child(new(StepKind.KeepCapabilities, "keep capabilities") { Number = 1 });
        Become(process.User);
        plan.Child(new(StepKind.ChangeDirectory, $"chdir to cwd \"{Directory}\" set in the container config") { Text = Directory });
        plan.Child(new(StepKind.KeepCapabilities, "keep capabilities"));
        sets.Apply();
        if (process.NoNewPrivileges)
            Load(filter);
    }

    /// <summary>
    /// Inside a user namespace nobody may change the owner of what belongs to the host. So the standard descriptors go to the process's user before it is entered, that
    /// /dev/stdout can be opened anew.
    /// </summary>
    /// <param name="mappings">The user namespace's; without them, or where they leave the user out, nothing is done.</param>
    internal static void GiveStdio(PlanWriter plan, uint user, IReadOnlyList<IdMapping> mappings)
    {
        if (IdMapping.ToHost(mappings, user) is { } owner)
            plan.OnHost(new(StepKind.OwnStdio, "own the standard descriptors") { Number = (int)owner, Flags = StepFlags.Tolerated });
    }

    internal void Execute() => plan.Child(new(StepKind.Exec, $"exec: \"{process.Args[0]}\"")
    {
        Program = new(Candidates(process), process.Args, process.Env),
    });

    private string Directory => process.Cwd.Length == 0 ? "/" : process.Cwd;

    /// <summary>execvp(3) in the container: each directory of its PATH in turn.</summary>
    internal static IReadOnlyList<string> Candidates(Process process)
    {
        const string Variable = "PATH=";
        string name = process.Args[0];
        if (name.Contains('/', StringComparison.Ordinal))
            return [name];
        string? path = process.Env.LastOrDefault(static e => e.StartsWith(Variable, StringComparison.Ordinal))?[Variable.Length..];
        if (string.IsNullOrEmpty(path))
            path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        List<string> candidates = [];
        foreach (string directory in path.Split(':'))
        {
            string candidate = directory.Length == 0 ? "./" + name : $"{directory.TrimEnd('/')}/{name}";
            if (!candidates.Contains(candidate))
                candidates.Add(candidate);
        }
        return candidates;
    }

    private void SetLimit(Rlimit limit)
    {
        int number = ResourceLimits.NumberOf(limit.Type);
        if (number < 0)
            throw new SpecException("process.rlimits", $"\"{limit.Type}\" is not a resource limit of this kernel");
        // Only the host's root may raise one.
        plan.OnHost(new(StepKind.SetRlimit, $"set {limit.Type} to {Text(limit.Soft)}:{Text(limit.Hard)}")
        {
            Number = number,
            Value = limit.Soft,
            Value2 = limit.Hard,
            Flags = host.MayRaiseLimits ? StepFlags.None : StepFlags.Tolerated,
        });
    }

    private static string Text(ulong limit) => limit == Unlimited ? "unlimited" : $"{limit}";

    private void Load(SeccompProgram? filter)
    {
        if (filter is not null)
            plan.Child(new(StepKind.LoadSeccomp, "load the seccomp filter") { Blob = filter.Code, Value = filter.Flags });
    }

    private void Become(User user)
    {
        plan.Child(new(StepKind.OwnStdio, "own the standard descriptors") { Number = (int)user.Uid, Flags = StepFlags.Tolerated });
        byte[] groups = new byte[4 * user.AdditionalGids.Count];
        Span<uint> ids = MemoryMarshal.Cast<byte, uint>(groups);
        for (int i = 0; i < ids.Length; i++)
            ids[i] = user.AdditionalGids[i];
        plan.Child(new(StepKind.SetGroups, "set the additional groups") { Blob = groups });
        plan.Child(new(StepKind.SetGroupId, $"become group {user.Gid}") { Number = (int)user.Gid });
        plan.Child(new(StepKind.SetUserId, $"become user {user.Uid}") { Number = (int)user.Uid });
        plan.Child(new(StepKind.SetUmask, "set the umask") { Number = (int)(user.Umask ?? 0x12) }); // 0022
    }
}
