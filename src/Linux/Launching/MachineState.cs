using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>All that the step machine knows. It lies in native memory, so that the child finds its own copy of it after the clone.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MachineState
{
    /// <summary>Room for a path being taken apart, and for a link's target.</summary>
    internal const int PathCapacity = 4096 * 2;

    internal byte* Block;
    internal PlanHeader* Header;

    /// <summary>Descriptor numbers by slot, -1 empty.</summary>
    internal int* Slots;

    /// <summary>Two buffers of <see cref="PathCapacity"/> bytes.</summary>
    internal byte* Path;
    internal byte* Link;

    /// <summary>This side's end of the sequenced-packet socket between parent and child.</summary>
    internal int Channel;

    /// <summary>What the child gets as descriptors 0, 1 and 2.</summary>
    internal int Stdin;
    internal int Stdout;
    internal int Stderr;

    /// <summary>The child's process id as the parent sees it.</summary>
    internal int HostPid;

    /// <summary>More about the last failure: a hook's wait status.</summary>
    internal int Detail;

    internal readonly byte* Text(uint offset) => offset == 0 ? null : Block + offset;

    internal readonly int SlotOrCurrent(int slot) => slot < 0 ? Kernel.AT_FDCWD : Slots[slot];

    /// <summary>Puts a new descriptor into a slot; passes failures through.</summary>
    internal readonly long Keep(int slot, long descriptor)
    {
        if (descriptor < 0)
            return descriptor;
        Kernel.Close(Slots[slot]);
        Slots[slot] = (int)descriptor;
        return 0;
    }
}
