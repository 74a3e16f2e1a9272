using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>The strings, structures and tables of a plan that is being written. Offsets count from the start of the data; none is 0.</summary>
internal sealed class PlanData
{
    private readonly ArrayBufferWriter<byte> bytes = new(8192);
    private readonly Dictionary<string, uint> texts = new(StringComparer.Ordinal);

    /// <summary>Where table entries lie that hold an offset.</summary>
    private readonly List<uint> references = [];

    internal PlanData() => Pad(8);

    /// <summary>Bytes so far, with the padding at the end.</summary>
    internal int Length => (bytes.WrittenCount + 7) & ~7;

    /// <summary>A NUL-terminated string, with the bytes that <see cref="SurrogateEscape"/> says; equal strings are stored once.</summary>
    /// <exception cref="ArgumentException">The text itself holds a NUL, which would cut it short.</exception>
    internal uint Text(string text)
    {
        if (texts.TryGetValue(text, out uint known))
            return known;
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"A NUL character in \"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\".");
        uint offset = (uint)bytes.WrittenCount;
        SurrogateEscape.Encode(text, bytes);
        Pad(1);
        return texts[text] = offset;
    }

    internal uint Blob(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
            return 0;
        Align();
        uint offset = (uint)bytes.WrittenCount;
        bytes.Write(content);
        return offset;
    }

    internal uint Tables(PlanProgram program, out uint length)
    {
        IReadOnlyList<string>[] tables = [program.Candidates, program.Arguments, program.Environment];
        int count = 0;
        foreach (IReadOnlyList<string> table in tables)
            count += table.Count + 1;
        length = (uint)(PlanFormat.TablesHeader + (8 * count));
        byte[] content = new byte[length];
        int firstReference = references.Count;
        int at = PlanFormat.TablesHeader;
        for (int i = 0; i < tables.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(4 * i), (uint)tables[i].Count);
            foreach (string text in tables[i])
            {
                BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(at), Text(text));
                references.Add((uint)at);
                at += 8;
            }
            at += 8;
        }
        uint offset = Blob(content);
        for (int i = firstReference; i < references.Count; i++)
            references[i] += offset;
        return offset;
    }

    internal void WriteTo(byte[] block, uint dataOffset)
    {
        Span<byte> target = block.AsSpan((int)dataOffset);
        bytes.WrittenSpan.CopyTo(target);
        foreach (uint reference in references)
        {
            ref ulong entry = ref MemoryMarshal.AsRef<ulong>(target[(int)reference..]);
            entry += dataOffset;
        }
    }

    private void Align() => Pad(-bytes.WrittenCount & 7);

    private void Pad(int count)
    {
        bytes.GetSpan(Math.Max(count, 1))[..count].Clear();
        bytes.Advance(count);
    }
}
