using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// A container, a further process or a sandbox as a list of steps in one block of bytes: what the planner decided, what travels to the monitor,
/// and what the runner carries out without deciding anything more. Immutable.
/// </summary>
public sealed class LaunchPlan
{
    internal LaunchPlan(ReadOnlyMemory<byte> bytes, IReadOnlyList<string> warnings)
    {
        PlanFormat.Validate(bytes.Span);
        Bytes = bytes;
        Warnings = warnings;
    }

    /// <summary>The block, as it is sent and stored.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What the specification asks for and this host cannot give, found while planning. Does not travel with the bytes.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Properties of the whole plan.</summary>
    public PlanFlags Flags => Header.Flags;

    /// <summary>What the plan does, in words: <c>create container web</c>.</summary>
    public string Title => PlanDescription.Decode(Bytes.Span, Header.Title) ?? "launch";

    internal PlanHeader Header => PlanFormat.ReadHeader(Bytes.Span);

    /// <summary>Takes bytes from anywhere: everything is checked, nothing is trusted.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a plan of this version; the message says where they are wrong.</exception>
    public static LaunchPlan Parse(ReadOnlySpan<byte> bytes) => new(bytes.ToArray(), []);

    /// <summary>One line per step, in the order of the sections; for tests and for people.</summary>
    public string Describe() => PlanDescription.Describe(Bytes.Span);
}
