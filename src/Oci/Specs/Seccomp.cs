namespace CriRuntime.Oci.Specs;

/// <summary>System call filter (config-linux.md, Seccomp). Names are those of libseccomp's headers.</summary>
public sealed record Seccomp
{
    private readonly string? defaultAction;
    private readonly IReadOnlyList<string>? architectures;
    private readonly IReadOnlyList<string>? flags;
    private readonly IReadOnlyList<SeccompSyscall>? syscalls;

    /// <summary><c>SCMP_ARCH_X86_64</c> and the like, besides the native one.</summary>
    public IReadOnlyList<string> Architectures { get => architectures ?? []; init => architectures = value; }

    /// <summary><c>SECCOMP_FILTER_FLAG_LOG</c> and the like.</summary>
    public IReadOnlyList<string> Flags { get => flags ?? []; init => flags = value; }

    public IReadOnlyList<SeccompSyscall> Syscalls { get => syscalls ?? []; init => syscalls = value; }

    /// <summary><c>SCMP_ACT_ERRNO</c> and the like; for calls that no rule matches.</summary>
    public string DefaultAction { get => defaultAction ?? ""; init => defaultAction = value; }

    /// <summary>For SCMP_ACT_ERRNO and SCMP_ACT_TRACE; EPERM when null.</summary>
    public uint? DefaultErrnoRet { get; init; }

    /// <summary>Unix socket that receives the notify fd.</summary>
    public string? ListenerPath { get; init; }

    public string? ListenerMetadata { get; init; }
}
