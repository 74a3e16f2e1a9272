using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Planning;

/// <summary>Collects steps and lays them out as one block.</summary>
internal sealed class PlanWriter
{
    private readonly List<Step>[] sections = new List<Step>[(int)PlanSection.Undo + 1];
    private readonly PlanData data = new();
    private readonly List<string> warnings = [];
    private readonly uint title;
    private int slots;
    private int border = -1;
    private LaunchStage begins;
    private LaunchStage beginsOnHost;

    internal PlanWriter(string title)
    {
        this.title = data.Text(title);
        for (int i = 0; i < sections.Length; i++)
            sections[i] = [];
    }

    internal ulong CloneFlags { get; set; }
    internal PlanFlags Flags { get; set; }

    /// <summary>Set after <see cref="Flags"/>, of which it is one.</summary>
    internal bool Timed
    {
        get => (Flags & PlanFlags.Timed) != 0;
        init => Flags |= value ? PlanFlags.Timed : PlanFlags.None;
    }

    internal int CgroupSlot { get; set; } = -1;
    internal int PidNamespaceSlot { get; set; } = -1;
    internal int GateSlot { get; set; } = -1;
    internal int PreservedDescriptors { get; init; }

    internal int NewSlot() => slots++;

    internal void Warn(string warning) => warnings.Add(warning);

    internal void Before(PlanStep step) => Add(PlanSection.Before, step);
    internal void AfterClone(PlanStep step) => Add(PlanSection.AfterClone, step);

    internal void Child(PlanStep step)
    {
        sections[(int)PlanSection.Child].Add(Lay(step, begins));
        begins = LaunchStage.None;
    }

    /// <summary>The child's next step begins a stage, which is noted where the plan is timed.</summary>
    internal void Begin(LaunchStage stage)
    {
        if (Timed)
            begins = stage;
    }

    /// <summary>
    /// A step of the child that needs the host: its paths, and rights over its file systems. In front of the border where there is one, and else the child's next one.
    /// </summary>
    internal void OnHost(PlanStep step)
    {
        if (border < 0)
        {
            Child(step);
            return;
        }
        sections[(int)PlanSection.Child].Insert(border++, Lay(step, beginsOnHost));
        beginsOnHost = LaunchStage.None;
    }

    /// <summary>
    /// From here on the child's steps are done inside a user namespace. Steps for the host can still be added: they come before, and are about what will be mounted.
    /// </summary>
    internal void DrawBorder()
    {
        border = sections[(int)PlanSection.Child].Count;
        Begin(LaunchStage.Namespaces);
        if (Timed)
            beginsOnHost = LaunchStage.Mounts;
    }

    /// <summary>Undo steps run in the reverse order of their being added.</summary>
    internal void Undo(PlanStep step) => sections[(int)PlanSection.Undo].Insert(0, Lay(step));

    internal void Add(PlanSection section, PlanStep step)
    {
        if (section == PlanSection.Child)
            Child(step);
        else
            sections[(int)section].Add(Lay(step));
    }

    internal LaunchPlan Finish()
    {
        int stepSize = Unsafe.SizeOf<Step>();
        uint offset = (uint)Unsafe.SizeOf<PlanHeader>();
        PlanHeader header = new()
        {
            Magic = PlanHeader.ExpectedMagic,
            Version = PlanHeader.CurrentVersion,
            CloneFlags = CloneFlags,
            Flags = Flags,
            SlotCount = slots,
            CgroupSlot = CgroupSlot,
            PidNamespaceSlot = PidNamespaceSlot,
            GateSlot = GateSlot,
            PreservedDescriptors = PreservedDescriptors,
        };
        for (int i = 0; i < sections.Length; i++)
        {
            header.Sections[i] = new SectionRange(offset, (uint)sections[i].Count);
            offset += (uint)(sections[i].Count * stepSize);
        }
        header.DataOffset = offset;
        header.Title = title + offset;
        header.Length = offset + (uint)data.Length;
        byte[] block = new byte[header.Length];
        MemoryMarshal.Write(block, header);
        for (int i = 0; i < sections.Length; i++)
            WriteSteps(block.AsSpan((int)header.Sections[i].Offset), CollectionsMarshal.AsSpan(sections[i]), offset);
        data.WriteTo(block, offset);
        return new LaunchPlan(block, warnings);
    }

    private static void WriteSteps(Span<byte> to, Span<Step> steps, uint dataOffset)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            Step step = steps[i];
            step.Text = Placed(step.Text, dataOffset);
            step.Text2 = Placed(step.Text2, dataOffset);
            step.Label = Placed(step.Label, dataOffset);
            step.Blob = Placed(step.Blob, dataOffset);
            MemoryMarshal.Write(to[(i * Unsafe.SizeOf<Step>())..], step);
        }
    }

    private static uint Placed(uint offset, uint dataOffset) => offset == 0 ? 0 : offset + dataOffset;

    private Step Lay(PlanStep step, LaunchStage stage = LaunchStage.None)
    {
        ReadOnlySpan<byte> blob = step.Blob.Span;
        uint tablesLength = 0;
        uint place = step.Program is null ? data.Blob(blob) : data.Tables(step.Program, out tablesLength);
        return new Step
        {
            Kind = step.Kind,
            Flags = step.Flags,
            Slot = step.Slot,
            Base = step.Base,
            Text = step.Text is null ? 0 : data.Text(step.Text),
            Text2 = step.Text2 is null ? 0 : data.Text(step.Text2),
            Label = data.Text(step.Label),
            Blob = place,
            BlobLength = step.Program is null ? (uint)blob.Length : tablesLength,
            Number = step.Number,
            Stage = stage,
            Value = step.Value,
            Value2 = step.Value2,
        };
    }
}
