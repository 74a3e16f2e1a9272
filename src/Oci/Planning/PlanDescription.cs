using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>Plans in words.</summary>
internal static class PlanDescription
{
    internal static string Describe(ReadOnlySpan<byte> block)
    {
        PlanHeader header = PlanFormat.ReadHeader(block);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"plan v{header.Version} clone=0x{header.CloneFlags:x} flags={header.Flags}\n");
        for (PlanSection section = 0; section <= PlanSection.Undo; section++)
        {
            foreach (Step step in PlanFormat.Steps(block, header, section))
                text.Append(CultureInfo.InvariantCulture, $"{section}: {Describe(block, step)}\n");
        }
        return text.ToString();
    }

    /// <summary>One step: its kind and those operands that it has.</summary>
    internal static string Describe(ReadOnlySpan<byte> block, in Step step)
    {
        StringBuilder text = new(step.Kind.ToString());
        if (step.Slot >= 0)
            text.Append(CultureInfo.InvariantCulture, $" slot={step.Slot}");
        if (step.Base >= 0)
            text.Append(CultureInfo.InvariantCulture, $" base={step.Base}");
        if (Decode(block, step.Text) is { } first)
            text.Append(CultureInfo.InvariantCulture, $" \"{first}\"");
        if (Decode(block, step.Text2) is { } second)
            text.Append(CultureInfo.InvariantCulture, $" \"{second}\"");
        if (step.Number != 0)
            text.Append(CultureInfo.InvariantCulture, $" number=0x{step.Number:x}");
        if (step.Value != 0)
            text.Append(CultureInfo.InvariantCulture, $" value=0x{step.Value:x}");
        if (step.Value2 != 0)
            text.Append(CultureInfo.InvariantCulture, $" value2=0x{step.Value2:x}");
        AppendBlob(text, block, step);
        if (step.Stage != LaunchStage.None)
            text.Append(CultureInfo.InvariantCulture, $" begins={step.Stage}");
        if (step.Flags != StepFlags.None)
            text.Append(CultureInfo.InvariantCulture, $" ({step.Flags})");
        return text.ToString();
    }

    /// <summary>The string at an offset; null for offset 0.</summary>
    internal static string? Decode(ReadOnlySpan<byte> block, uint offset) =>
        offset == 0 ? null : SurrogateEscape.Decode(PlanFormat.Text(block, offset));

    private static void AppendBlob(StringBuilder text, ReadOnlySpan<byte> block, in Step step)
    {
        if (step.BlobLength == 0)
            return;
        ReadOnlySpan<byte> blob = block.Slice((int)step.Blob, (int)step.BlobLength);
        if (StepShape.Of(step.Kind) is { Tables: true })
            AppendTables(text, block, blob);
        else if (step.Kind is StepKind.WriteFile or StepKind.WriteProc or StepKind.MountLegacy)
            text.Append(CultureInfo.InvariantCulture, $" blob=\"{Encoding.UTF8.GetString(blob).TrimEnd('\0').Replace("\n", "\\n", StringComparison.Ordinal)}\"");
        else if (blob.Length <= 64)
            text.Append(CultureInfo.InvariantCulture, $" blob={Convert.ToHexStringLower(blob)}");
        else
            text.Append(CultureInfo.InvariantCulture, $" blob={blob.Length} bytes");
    }

    private static void AppendTables(StringBuilder text, ReadOnlySpan<byte> block, ReadOnlySpan<byte> blob)
    {
        ReadOnlySpan<ulong> entries = MemoryMarshal.Cast<byte, ulong>(blob[PlanFormat.TablesHeader..]);
        text.Append(" [");
        foreach (ulong entry in entries[..^1])
            text.Append(entry == 0 ? " |" : " " + Decode(block, (uint)entry));
        text.Append(" ]");
    }
}
