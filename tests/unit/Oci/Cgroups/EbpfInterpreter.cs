using System.Buffers.Binary;

namespace CriRuntime.Oci.Tests.Cgroups;

/// <summary>Runs the few eBPF instructions of a device program, and fails on any other, on jumps out of the program and on programs that do not end.</summary>
internal static class EbpfInterpreter
{
    /// <summary>The program's answer about a device; the type is 'b' or 'c', the access of r, w and m.</summary>
    internal static bool Allows(ReadOnlySpan<byte> program, char type, uint major, uint minor, string access)
    {
        uint bits = (access.Contains('m', StringComparison.Ordinal) ? 1u : 0) | (access.Contains('r', StringComparison.Ordinal) ? 2u : 0) | (access.Contains('w', StringComparison.Ordinal) ? 4u : 0);
        uint[] context = [(bits << 16) | (type == 'b' ? 1u : 2u), major, minor];
        ulong[] r = new ulong[11];
        int next = 0;
        for (int steps = 0; steps < 100_000; steps++)
        {
            ReadOnlySpan<byte> i = program.Slice(next * 8, 8);
            next++;
            int to = i[1] & 15;
            int from = i[1] >> 4;
            short offset = BinaryPrimitives.ReadInt16LittleEndian(i[2..]);
            int immediate = BinaryPrimitives.ReadInt32LittleEndian(i[4..]);
            switch (i[0])
            {
                case 0x61: Assert.Equal(1, from); r[to] = context[offset / 4]; break;
                case 0xbc: r[to] = (uint)r[from]; break;
                case 0x54: r[to] = (uint)r[to] & (uint)immediate; break;
                case 0x74: r[to] = (uint)r[to] >> immediate; break;
                case 0xb7: r[to] = (ulong)immediate; break;
                case 0x56: next += (uint)r[to] != (uint)immediate ? offset : 0; break;
                case 0x16: next += (uint)r[to] == (uint)immediate ? offset : 0; break;
                case 0x95: return r[0] switch { 0 => false, 1 => true, _ => throw new InvalidOperationException($"the program returns {r[0]}") };
                default: throw new InvalidOperationException($"unknown instruction 0x{i[0]:x2}");
            }
        }
        throw new InvalidOperationException("the program does not end");
    }
}
