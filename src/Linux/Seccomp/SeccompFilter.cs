using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Seccomp;

/// <summary>
/// A filter under construction in libseccomp: make it with the default action, add architectures and rules, export it.
/// Failures throw <see cref="LinuxException"/>. Not safe for use by several threads at once.
/// </summary>
public sealed unsafe class SeccompFilter : SafeHandle
{
    /// <summary>SCMP_FLTATR_*, seccomp_attr_set(3).</summary>
    private const int AttributeBadArchitecture = 2;
    private const int AttributeNoNewPrivileges = 3;
    private const int AttributeOptimize = 8;
    private const int ErrorNoSyscall = -1; // __NR_SCMP_ERROR
    private const int SeekCurrent = 1;

    /// <param name="defaultAction">A SECCOMP_RET_* value with its data, for calls that no rule matches.</param>
    public SeccompFilter(uint defaultAction)
        : base(nint.Zero, ownsHandle: true)
    {
        SetHandle(Libseccomp.Init(defaultAction));
        if (IsInvalid)
            throw new LinuxException("seccomp_init", $"action 0x{defaultAction:x8}", Errno.EINVAL);
        // The container's own no_new_privs is the launch plan's business.
        Check(Libseccomp.SetAttribute(handle, AttributeNoNewPrivileges, 0), "seccomp_attr_set", "CTL_NNP");
    }

    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>One comparison of a rule. Operators are SCMP_CMP_*: 1 NE, 2 LT, 3 LE, 4 EQ, 5 GE, 6 GT, 7 MASKED_EQ (A is the mask).</summary>
    public readonly record struct Comparison(uint Argument, int Operator, ulong A, ulong B);

    /// <summary>A system call's number on this machine (below 0 for one that only other architectures have); null for a name that libseccomp does not know.</summary>
    public static int? ResolveSyscall(string name) =>
        Libseccomp.ResolveSyscall(name) is var number && number == ErrorNoSyscall ? null : number;

    /// <summary>Adds an architecture by libseccomp's lower-case name (<c>x86_64</c>, <c>x86</c>, <c>aarch64</c>); one present already is fine. False for an unknown name.</summary>
    public bool TryAddArchitecture(string name)
    {
        uint token = Libseccomp.ResolveArchitecture(name);
        if (token == 0)
            return false;
        int result = Libseccomp.AddArchitecture(handle, token);
        if (result != -(int)Errno.EEXIST)
            Check(result, "seccomp_arch_add", name);
        return true;
    }

    /// <summary>The decision for calls of an architecture that the filter does not have: a SECCOMP_RET_* value.</summary>
    public void SetForeignArchitectureAction(uint action) =>
        Check(Libseccomp.SetAttribute(handle, AttributeBadArchitecture, action), "seccomp_attr_set", "ACT_BADARCH");

    /// <summary>Sorts the filter into a binary tree by call number, in place of a list: a call then takes some 10 steps and not hundreds. False where libseccomp is older than 2.5.</summary>
    public bool TryOptimizeAsTree() => Libseccomp.SetAttribute(handle, AttributeOptimize, 2) == 0;

    /// <summary>
    /// Adds a rule whose comparisons must all hold. False when the architectures at hand have no such call (EDOM), or the rule
    /// does nothing that the default does not do (EACCES).
    /// </summary>
    public bool TryAddRule(uint action, int syscall, ReadOnlySpan<Comparison> comparisons)
    {
        Span<Libseccomp.ArgumentComparison> native = stackalloc Libseccomp.ArgumentComparison[comparisons.Length];
        for (int i = 0; i < comparisons.Length; i++)
        {
            Comparison c = comparisons[i];
            native[i] = new Libseccomp.ArgumentComparison { Argument = c.Argument, Operator = c.Operator, A = c.A, B = c.B };
        }
        int result;
        fixed (Libseccomp.ArgumentComparison* start = native)
            result = Libseccomp.AddRule(handle, action, syscall, (uint)native.Length, start);
        if (result is -(int)Errno.EACCES or -(int)Errno.EDOM)
            return false;
        if (result != -(int)Errno.EEXIST)
            Check(result, "seccomp_rule_add", $"call {syscall}");
        return true;
    }

    /// <summary>The program: <c>struct sock_filter[]</c>, 8 bytes an instruction.</summary>
    public byte[] ToBytes()
    {
        using FileDescriptor memory = MemoryFile.Create("seccomp", []);
        Check(Libseccomp.ExportBpf(handle, memory.Number), "seccomp_export_bpf", null);
        byte[] program = new byte[Gate.Check(Libc.Lseek(memory.Number, 0, SeekCurrent), "lseek")];
        fixed (byte* start = program)
        {
            nint read = Libc.ReadAt(memory.Number, start, program.Length, 0);
            if (Gate.Check(read, "pread") != program.Length)
                throw new LinuxException("pread", "seccomp program", Errno.EIO);
        }
        return program;
    }

    protected override bool ReleaseHandle()
    {
        Libseccomp.Release(handle);
        return true;
    }

    private static void Check(int result, string operation, string? what)
    {
        if (result < 0)
            throw new LinuxException(operation, what, (Errno)(-result));
    }
}
