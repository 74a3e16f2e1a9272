using System.Buffers.Binary;

namespace CriRuntime.Oci.Tests.SeccompFilters;

/// <summary>Runs a seccomp program (classic BPF over struct seccomp_data), as the kernel would for one call.</summary>
internal static class ClassicBpfInterpreter
{
    internal const uint X64 = 0xc000003e;

    internal const uint X86 = 0x40000003;

    /// <summary>The SECCOMP_RET_* value for a call.</summary>
    internal static uint Run(ReadOnlySpan<byte> program, uint architecture, int call, params ulong[] arguments)
    {
        Span<byte> data = stackalloc byte[64];
        data.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(data, call);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], architecture);
        for (int i = 0; i < arguments.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (i * 8))..], arguments[i]);
        uint a = 0;
        for (int next = 0; ; next++)
        {
            ReadOnlySpan<byte> i = program.Slice(next * 8, 8);
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(i);
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(i[4..]);
            switch (code)
            {
                case 0x20: a = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)k..]); break;
                case 0x05: next += (int)k; break;
                case 0x15: next += a == k ? i[2] : i[3]; break;
                case 0x25: next += a > k ? i[2] : i[3]; break;
                case 0x35: next += a >= k ? i[2] : i[3]; break;
                case 0x45: next += (a & k) != 0 ? i[2] : i[3]; break;
                case 0x54: a &= k; break;
                case 0x06: return k;
                default: throw new InvalidOperationException($"unknown instruction 0x{code:x}");
            }
        }
    }
}
