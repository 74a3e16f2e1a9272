using System.Buffers.Binary;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Planning;

/// <summary>struct mount_attr of mount_setattr(2), as a step's blob.</summary>
internal static class MountAttributes
{
    internal static PlanStep Step(string label, int slot, ulong set = 0, ulong clear = 0, ulong propagation = 0, bool recursive = false, int userNamespace = -1)
    {
        byte[] blob = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(blob, set);
        BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(8), clear);
        BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(16), propagation);
        return new(StepKind.SetMountAttributes, label) { Slot = slot, Base = userNamespace, Blob = blob, Number = recursive ? 1 : 0 };
    }
}
