using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace CriRuntime.Oci.Cgroups.Devices;

/// <summary>Assembles the few eBPF instructions that a device program needs (Documentation/bpf/standardization/instruction-set.rst).</summary>
internal sealed class BpfWriter
{
    private const byte LoadWordFromMemory = 0x61; // BPF_LDX | BPF_MEM | BPF_W
    private const byte Move32Register = 0xbc; // BPF_ALU | BPF_MOV | BPF_X
    private const byte And32Immediate = 0x54; // BPF_ALU | BPF_AND | BPF_K
    private const byte ShiftRight32Immediate = 0x74; // BPF_ALU | BPF_RSH | BPF_K
    private const byte Move64Immediate = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
    private const byte JumpNotEqual32 = 0x56; // BPF_JMP32 | BPF_JNE | BPF_K
    private const byte JumpEqual32 = 0x16; // BPF_JMP32 | BPF_JEQ | BPF_K
    private const byte Exit = 0x95; // BPF_JMP | BPF_EXIT

    private readonly List<byte> code = [];

    private int Next => code.Count / 8;

    internal void LoadWord(int to, int from, short offset) => Emit(LoadWordFromMemory, to, from, offset, 0);

    internal void Move(int to, int from) => Emit(Move32Register, to, from, 0, 0);

    internal void And(int register, int mask) => Emit(And32Immediate, register, 0, 0, mask);

    internal void ShiftRight(int register, int bits) => Emit(ShiftRight32Immediate, register, 0, 0, bits);

    /// <summary>Returns the jump, for <see cref="Land"/> to complete.</summary>
    internal int JumpIfNotEqual(int register, int value) => Emit(JumpNotEqual32, register, 0, 0, value);

    /// <inheritdoc cref="JumpIfNotEqual"/>
    internal int JumpIfEqual(int register, int value) => Emit(JumpEqual32, register, 0, 0, value);

    /// <summary>Lets an earlier jump end at the next instruction.</summary>
    internal void Land(int jump) =>
        BinaryPrimitives.WriteInt16LittleEndian(CollectionsMarshal.AsSpan(code)[((jump * 8) + 2)..], checked((short)(Next - jump - 1)));

    internal void Return(int register, int value)
    {
        Emit(Move64Immediate, register, 0, 0, value);
        Emit(Exit, 0, 0, 0, 0);
    }

    internal ImmutableArray<byte> ToBytes() => [.. code];

    private int Emit(byte operation, int destination, int source, short offset, int immediate)
    {
        Span<byte> instruction = stackalloc byte[8];
        instruction[0] = operation;
        instruction[1] = (byte)(destination | (source << 4));
        BinaryPrimitives.WriteInt16LittleEndian(instruction[2..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(instruction[4..], immediate);
        code.AddRange(instruction);
        return Next - 1;
    }
}
