using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// The rules of the plan's bytes. A block that passes <see cref="Validate"/> can be run without any further check of
/// an offset, a length, a slot or a kind, whoever wrote it.
/// </summary>
public static class PlanFormat
{
    /// <summary>Bytes before a program's tables: three 32-bit counts and four bytes of padding.</summary>
    public const int TablesHeader = 16;

    /// <summary>The largest block that is accepted, in bytes.</summary>
    public const int MaximumLength = 64 << 20;

    /// <exception cref="InvalidDataException">The bytes are not a plan; the message says where.</exception>
    public static void Validate(ReadOnlySpan<byte> block)
    {
        PlanHeader header = ReadHeader(block);
        for (PlanSection section = 0; section <= PlanSection.Undo; section++)
        {
            ReadOnlySpan<Step> steps = Steps(block, header, section);
            for (int i = 0; i < steps.Length; i++)
                ValidateStep(block, header, steps[i], section, i);
        }
        if (header.Title != 0)
            CheckString(block, header, header.Title, "title");
    }

    /// <summary>The header of a block, checked by itself.</summary>
    /// <exception cref="InvalidDataException"/>
    public static PlanHeader ReadHeader(ReadOnlySpan<byte> block)
    {
        if (block.Length < Unsafe.SizeOf<PlanHeader>() || block.Length > MaximumLength)
            throw Bad($"{block.Length} bytes cannot be a plan");
        PlanHeader header = MemoryMarshal.Read<PlanHeader>(block);
        if (header.Magic != PlanHeader.ExpectedMagic)
            throw Bad("the magic number is wrong");
        if (header.Version != PlanHeader.CurrentVersion)
            throw Bad($"version {header.Version} is not supported (only {PlanHeader.CurrentVersion})");
        if (header.Length != block.Length || block.Length % 8 != 0)
            throw Bad($"the header says {header.Length} bytes, there are {block.Length}");
        if (header.SlotCount is < 0 or > PlanHeader.MaximumSlots)
            throw Bad($"{header.SlotCount} slots");
        if (!IsSlot(header, header.CgroupSlot) || !IsSlot(header, header.PidNamespaceSlot) || !IsSlot(header, header.GateSlot))
            throw Bad("a slot of the header is out of range");
        if (header.DataOffset < Unsafe.SizeOf<PlanHeader>() || header.DataOffset > header.Length || header.PreservedDescriptors is < 0 or > 4096)
            throw Bad("the header is inconsistent");
        return header;
    }

    /// <summary>A section's steps in place.</summary>
    /// <exception cref="InvalidDataException">The section lies outside the block.</exception>
    public static ReadOnlySpan<Step> Steps(ReadOnlySpan<byte> block, in PlanHeader header, PlanSection section)
    {
        SectionRange range = header.Sections[(int)section];
        ulong end = range.Offset + ((ulong)range.Count * (ulong)Unsafe.SizeOf<Step>());
        if (range.Count == 0)
            return [];
        if (range.Offset < Unsafe.SizeOf<PlanHeader>() || range.Offset % 8 != 0 || end > header.DataOffset)
            throw Bad($"section {section} lies outside the block");
        return MemoryMarshal.Cast<byte, Step>(block[(int)range.Offset..(int)end]);
    }

    /// <summary>The bytes of a string without its NUL, empty for offset 0. Only for a validated block.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> block, uint offset)
    {
        if (offset == 0)
            return [];
        ReadOnlySpan<byte> rest = block[(int)offset..];
        return rest[..rest.IndexOf((byte)0)];
    }

    private static void ValidateStep(ReadOnlySpan<byte> block, in PlanHeader header, in Step step, PlanSection section, int index)
    {
        string where = $"{section} step {index}";
        StepShape shape = StepShape.Of(step.Kind) ?? throw Bad($"{where}: there is no kind {(int)step.Kind}");
        if (!IsSlot(header, step.Slot) || !IsSlot(header, step.Base) || (shape.Slot && step.Slot < 0) || (shape.Base && step.Base < 0))
            throw Bad($"{where}: a slot is out of range");
        if ((shape.Text && step.Text == 0) || (shape.Text2 && step.Text2 == 0))
            throw Bad($"{where}: a string is missing");
        if (step.Text != 0)
            CheckString(block, header, step.Text, where);
        if (step.Text2 != 0)
            CheckString(block, header, step.Text2, where);
        if (step.Label != 0)
            CheckString(block, header, step.Label, where);
        CheckBlob(block, header, step, shape, where);
        if (step.Kind == StepKind.MakeTarget && step.Number == 2 && step.Value >= (ulong)header.SlotCount)
            throw Bad($"{where}: a slot is out of range");
        if (step.Kind == StepKind.AskParent && step.Number is not (1 or 2 or 3))
            throw Bad($"{where}: there is no stage {step.Number}");
    }

    private static void CheckBlob(ReadOnlySpan<byte> block, in PlanHeader header, in Step step, StepShape shape, string where)
    {
        bool wanted = shape.BlobSize > 0 || shape.BlobUnit > 0 || shape.Tables;
        if (step.Blob == 0 && step.BlobLength == 0 && !wanted)
            return;
        if (step.Blob < header.DataOffset || step.Blob % 8 != 0 || (ulong)step.Blob + step.BlobLength > header.Length)
            throw Bad($"{where}: the blob lies outside the data");
        if (shape.BlobSize > 0 && step.BlobLength != shape.BlobSize)
            throw Bad($"{where}: the blob has {step.BlobLength} bytes instead of {shape.BlobSize}");
        if (shape.BlobUnit > 0 && (step.BlobLength == 0 || step.BlobLength % shape.BlobUnit != 0))
            throw Bad($"{where}: the blob has {step.BlobLength} bytes, not a multiple of {shape.BlobUnit}");
        if (step.Kind == StepKind.SetGroups && step.BlobLength % 4 != 0)
            throw Bad($"{where}: the groups have {step.BlobLength} bytes");
        if (step.Kind == StepKind.MountLegacy && (step.BlobLength == 0 || block[(int)(step.Blob + step.BlobLength - 1)] != 0))
            throw Bad($"{where}: the mount data does not end");
        if (shape.Tables)
            CheckTables(block, header, step, where);
    }

    private static void CheckTables(ReadOnlySpan<byte> block, in PlanHeader header, in Step step, string where)
    {
        if (step.BlobLength < TablesHeader || step.BlobLength % 8 != 0)
            throw Bad($"{where}: the tables have {step.BlobLength} bytes");
        ReadOnlySpan<byte> blob = block.Slice((int)step.Blob, (int)step.BlobLength);
        ReadOnlySpan<uint> counts = MemoryMarshal.Cast<byte, uint>(blob[..12]);
        ReadOnlySpan<ulong> entries = MemoryMarshal.Cast<byte, ulong>(blob[TablesHeader..]);
        if ((ulong)counts[0] + counts[1] + counts[2] + 3 != (ulong)entries.Length)
            throw Bad($"{where}: the tables do not fill their blob");
        if (counts[0] == 0)
            throw Bad($"{where}: there is no program");
        int next = 0;
        foreach (uint count in counts)
        {
            for (uint i = 0; i < count; i++, next++)
            {
                if (entries[next] is 0 or > uint.MaxValue)
                    throw Bad($"{where}: a table holds a hole");
                CheckString(block, header, (uint)entries[next], where);
            }
            if (entries[next++] != 0)
                throw Bad($"{where}: a table does not end");
        }
    }

    private static void CheckString(ReadOnlySpan<byte> block, in PlanHeader header, uint offset, string where)
    {
        if (offset < header.DataOffset || offset >= header.Length || !block[(int)offset..].Contains((byte)0))
            throw Bad($"{where}: a string lies outside the data");
    }

    private static bool IsSlot(in PlanHeader header, int slot) => slot >= -1 && slot < header.SlotCount;

    private static InvalidDataException Bad(string what) => new($"Not a launch plan: {what}.");
}
