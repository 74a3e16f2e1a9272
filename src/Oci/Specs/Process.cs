using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>The program of a container or of an exec (config.md, Process).</summary>
public sealed record Process
{
    private readonly User? user;
    private readonly string? cwd;
    private readonly IReadOnlyList<string>? args;
    private readonly IReadOnlyList<string>? env;
    private readonly IReadOnlyList<Rlimit>? rlimits;

    /// <summary>The program and its arguments; at least one.</summary>
    public IReadOnlyList<string> Args { get => args ?? []; init => args = value; }

    /// <summary><c>NAME=value</c> entries, as execve(2) takes them.</summary>
    public IReadOnlyList<string> Env { get => env ?? []; init => env = value; }

    public IReadOnlyList<Rlimit> Rlimits { get => rlimits ?? []; init => rlimits = value; }

    /// <summary>True when stdio is a pseudo-terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Initial size of the terminal; ignored without one.</summary>
    public ConsoleSize? ConsoleSize { get; init; }

    /// <summary>Ids the program runs as; root when left out.</summary>
    public User User { get => user ?? new(); init => user = value; }

    /// <summary>Absolute path in the container.</summary>
    public string Cwd { get => cwd ?? ""; init => cwd = value; }

    /// <summary>Null leaves the sets as the runtime has them.</summary>
    public LinuxCapabilities? Capabilities { get; init; }

    /// <summary>PR_SET_NO_NEW_PRIVS, prctl(2).</summary>
    public bool NoNewPrivileges { get; init; }

    public string? ApparmorProfile { get; init; }

    public string? SelinuxLabel { get; init; }

    /// <summary>-1000 to 1000; null leaves the runtime's own.</summary>
    public int? OomScoreAdj { get; init; }

    public Scheduler? Scheduler { get; init; }

    [JsonPropertyName("ioPriority")]
    public IoPriority? IoPriority { get; init; }

    /// <summary>CPUs for exec'ed processes only.</summary>
    [JsonPropertyName("execCPUAffinity")]
    public CpuAffinity? ExecCpuAffinity { get; init; }
}
