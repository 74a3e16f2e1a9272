namespace CriRuntime.Oci.Specs;

/// <summary>One rule of a filter.</summary>
public sealed record SeccompSyscall
{
    private readonly string? action;
    private readonly IReadOnlyList<string>? names;
    private readonly IReadOnlyList<SeccompArgument>? args;

    /// <summary>At least one; names that the system does not know are skipped.</summary>
    public IReadOnlyList<string> Names { get => names ?? []; init => names = value; }

    /// <summary>All must match, unless several test the same index: then each is a rule of its own.</summary>
    public IReadOnlyList<SeccompArgument> Args { get => args ?? []; init => args = value; }

    public string Action { get => action ?? ""; init => action = value; }

    /// <summary>For SCMP_ACT_ERRNO and SCMP_ACT_TRACE; EPERM when null.</summary>
    public uint? ErrnoRet { get; init; }
}
