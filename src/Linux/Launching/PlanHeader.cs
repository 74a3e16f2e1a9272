using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>The sections of a plan. The parent runs all but <see cref="Child"/>.</summary>
public enum PlanSection
{
    /// <summary>Before the clone.</summary>
    Before,

    /// <summary>Right after the clone, while the child waits.</summary>
    AfterClone,

    /// <summary>When the child asks for stage 1, 2 or 3.</summary>
    Stage1,
    Stage2,
    Stage3,

    /// <summary>The child's own.</summary>
    Child,

    /// <summary>After a failure, each whatever became of the one before.</summary>
    Undo,
}

/// <summary>Properties of a whole plan.</summary>
[Flags]
public enum PlanFlags : uint
{
    None = 0,

    /// <summary>Nothing is cloned: the plan is its <see cref="PlanSection.Before"/> section.</summary>
    ParentOnly = 1,

    /// <summary>The child waits at a gate before it executes the program.</summary>
    Gated = 2,

    /// <summary>The child makes a terminal and sends its master.</summary>
    Terminal = 4,

    /// <summary>The child ends, or stays as it is, without executing a program.</summary>
    NoProgram = 8,

    /// <summary>The process that is cloned is replaced by a second one, which goes on (<see cref="StepKind.ForkAgain"/>).</summary>
    ForksAgain = 16,

    /// <summary>The moments of the launch are noted (<see cref="LaunchStage"/>). Older runners do not look at it.</summary>
    Timed = 32,
}

/// <summary>Where a section's steps lie.</summary>
public record struct SectionRange(uint Offset, uint Count);

/// <summary>The seven ranges, in the order of <see cref="PlanSection"/>.</summary>
[InlineArray(7)]
public struct SectionTable
{
    private SectionRange first;
}

/// <summary>The first bytes of a plan. The block is little-endian and 8-byte aligned.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PlanHeader
{
    /// <summary>"CRIPLAN\0" as a little-endian number.</summary>
    public const ulong ExpectedMagic = 0x004e_414c_5049_5243;
    public const uint CurrentVersion = 1;
    public const int MaximumSlots = 1024;

    public ulong Magic;
    public uint Version;

    /// <summary>Bytes of the whole block.</summary>
    public uint Length;

    /// <summary>Namespace flags of clone3(2).</summary>
    public ulong CloneFlags;
    public PlanFlags Flags;
    public int SlotCount;

    /// <summary>The cgroup v2 directory that the child is born in; -1 none.</summary>
    public int CgroupSlot;

    /// <summary>The pid namespace (or pidfd) that the child is born in; -1 none.</summary>
    public int PidNamespaceSlot;

    /// <summary>The fifo that releases the child; -1: the parent releases it.</summary>
    public int GateSlot;

    /// <summary>Descriptors from 3 that the program inherits (LISTEN_FDS style).</summary>
    public int PreservedDescriptors;

    /// <summary>Words for messages: what the plan as a whole does, such as <c>create container web</c>.</summary>
    public uint Title;

    /// <summary>Where the strings, structures and tables begin.</summary>
    public uint DataOffset;
    public SectionTable Sections;
}
