using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.SeccompFilters;

/// <summary>
/// The profile of the CRI's RuntimeDefault. Calls that are allowed pass, known dangerous ones fail with EPERM, and calls that this profile
/// has never heard of fail with ENOSYS, so that C libraries fall back to older calls as they do on an older kernel.
/// </summary>
public static class DefaultSeccompProfile
{
    private const uint Eperm = 1;
    private const uint Enosys = 38;

    /// <summary>CLONE_NEW* of clone(2): mount, cgroup, uts, ipc, user, pid and net.</summary>
    private const ulong NamespaceFlags = 0x7e020000;

    private const ulong AddressFamilyVsock = 40;

    private static readonly ConcurrentDictionary<int, Seccomp> Profiles = new();

    /// <summary>
    /// The section for a container with these capabilities (<c>CAP_SYS_ADMIN</c>; the bounding set). Equal sets get the same object,
    /// which <see cref="SeccompProgramCache"/> compiles once.
    /// </summary>
    public static Seccomp For(IEnumerable<string> capabilities)
    {
        int mask = 0;
        foreach (string capability in capabilities)
        {
            int index = Array.FindIndex(CapabilitySyscalls.All, c => c.Capability == capability);
            if (index >= 0)
                mask |= 1 << index;
        }
        return Profiles.GetOrAdd(mask, Build);
    }

    private static Seccomp Build(int mask)
    {
        HashSet<string> granted = [.. DefaultSyscalls.Allowed, .. DefaultSyscalls.AllowedOnSomeMachines];
        HashSet<string> refused = [.. DefaultSyscalls.Denied];
        for (int i = 0; i < CapabilitySyscalls.All.Length; i++)
            ((mask & (1 << i)) != 0 ? granted : refused).UnionWith(CapabilitySyscalls.All[i].Names);
        refused.ExceptWith(granted);
        List<SeccompSyscall> rules = [new() { Names = [.. granted.Order(StringComparer.Ordinal)], Action = "SCMP_ACT_ALLOW" }];
        if (refused.Remove("clone"))
            rules.AddRange(CloneWithoutNamespaces());
        // Its flags are in memory, out of a filter's sight: callers fall back to clone.
        refused.Remove("clone3");
        rules.Add(new SeccompSyscall { Names = [.. refused.Order(StringComparer.Ordinal)], Action = "SCMP_ACT_ERRNO", ErrnoRet = Eperm });
        rules.AddRange(Sockets());
        rules.AddRange(Personalities());
        return new Seccomp
        {
            DefaultAction = "SCMP_ACT_ERRNO",
            DefaultErrnoRet = Enosys,
            Architectures = SeccompArchitecture.Native(),
            Syscalls = rules,
        };
    }

    /// <summary>Allowed with none of the flags, EPERM with any: a test for "one of these bits" is one rule for each.</summary>
    private static IEnumerable<SeccompSyscall> CloneWithoutNamespaces()
    {
        // On s390 the flags are the second argument.
        uint index = RuntimeInformation.ProcessArchitecture == Architecture.S390x ? 1u : 0u;
        yield return new SeccompSyscall { Names = ["clone"], Action = "SCMP_ACT_ALLOW", Args = [Masked(index, NamespaceFlags, 0)] };
        for (ulong flag = 1; flag <= NamespaceFlags; flag <<= 1)
        {
            if ((flag & NamespaceFlags) != 0)
                yield return new SeccompSyscall { Names = ["clone"], Action = "SCMP_ACT_ERRNO", ErrnoRet = Eperm, Args = [Masked(index, flag, flag)] };
        }
    }

    /// <summary>All address families but vsock, which reaches the hypervisor past every network namespace.</summary>
    private static IEnumerable<SeccompSyscall> Sockets() =>
    [
        new() { Names = ["socket"], Action = "SCMP_ACT_ALLOW", Args = [Argument(0, "SCMP_CMP_NE", AddressFamilyVsock)] },
        new() { Names = ["socket"], Action = "SCMP_ACT_ERRNO", ErrnoRet = Eperm, Args = [Argument(0, "SCMP_CMP_EQ", AddressFamilyVsock)] },
    ];

    /// <summary>PER_LINUX, PER_LINUX32, UNAME26 with either, and the query 0xffffffff.</summary>
    private static IEnumerable<SeccompSyscall> Personalities() =>
        new ulong[] { 0x0, 0x8, 0x20000, 0x20008, 0xffffffff }.Select(static value => new SeccompSyscall
        {
            Names = ["personality"],
            Action = "SCMP_ACT_ALLOW",
            Args = [Argument(0, "SCMP_CMP_EQ", value)],
        });

    private static SeccompArgument Masked(uint index, ulong mask, ulong value) =>
        new() { Index = index, Op = "SCMP_CMP_MASKED_EQ", Value = mask, ValueTwo = value };

    private static SeccompArgument Argument(uint index, string op, ulong value) => new() { Index = index, Op = op, Value = value };
}
