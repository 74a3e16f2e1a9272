using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Planning;

/// <summary>A program of a plan: what to execute, tried in order, and with what.</summary>
internal sealed record PlanProgram(IReadOnlyList<string> Candidates, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment);

/// <summary>A step before it has its place in a block; the operands are those of <see cref="StepKind"/>.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Label">What it is part of, for messages.</param>
internal sealed record PlanStep(StepKind Kind, string Label)
{
    internal StepFlags Flags { get; init; }
    internal int Slot { get; init; } = -1;
    internal int Base { get; init; } = -1;
    internal string? Text { get; init; }
    internal string? Text2 { get; init; }
    internal ReadOnlyMemory<byte> Blob { get; init; }
    internal PlanProgram? Program { get; init; }
    internal int Number { get; init; }
    internal ulong Value { get; init; }
    internal ulong Value2 { get; init; }
}
