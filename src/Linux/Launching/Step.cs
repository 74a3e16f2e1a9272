using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>How a step's failure is taken.</summary>
[Flags]
public enum StepFlags : ushort
{
    None = 0,

    /// <summary>A failure is reported as a warning and the plan goes on.</summary>
    Tolerated = 1,

    /// <summary>Like <see cref="Tolerated"/>, but only where the kernel says the thing is absent or unsupported (ENOENT, ENOTDIR, EOPNOTSUPP, EINVAL, ENOSYS), and silently.</summary>
    Optional = 2,

    /// <summary>Any failure is fine.</summary>
    Ignored = 4,
}

/// <summary>One step of a launch plan as it lies in the block: 56 bytes. Offsets count from the start of the block; 0 means absent.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Step
{
    public StepKind Kind;
    public StepFlags Flags;

    /// <summary>The descriptor slot that the step fills or acts on; -1 none.</summary>
    public int Slot;

    /// <summary>The slot of the directory, source or namespace; -1 none.</summary>
    public int Base;

    public uint Text;
    public uint Text2;
    public uint Blob;
    public uint BlobLength;

    /// <summary>Words for a message: what this step is part of, such as <c>mount proc on /proc</c>.</summary>
    public uint Label;
    public int Number;

    /// <summary>The stage of the launch that begins with this step of the child's, which is told with the time; <see cref="LaunchStage.None"/>: nothing is. Older interpreters do not look at it.</summary>
    public LaunchStage Stage;
    public ulong Value;
    public ulong Value2;
}
