namespace CriRuntime.Linux.Launching;

/// <summary>The device program of a cgroup v2 (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE).</summary>
internal static unsafe partial class StepMachine
{
    private static long AttachDeviceProgram(MachineState* m, Step* s)
    {
        byte* license = stackalloc byte[8];
        license[Kernel.Copy(license, "GPL"u8)] = 0;
        ulong* attribute = stackalloc ulong[16];
        for (int i = 0; i < 16; i++)
            attribute[i] = 0;
        attribute[0] = 15 | ((ulong)(s->BlobLength / 8) << 32); // prog_type, insn_cnt
        attribute[1] = (ulong)(m->Block + s->Blob);
        attribute[2] = (ulong)license;
        long program = Kernel.Retry(SyscallNumber.Bpf, 5, (nint)attribute, 128); // BPF_PROG_LOAD
        if (program < 0)
            return program;
        uint* attach = stackalloc uint[8];
        for (int i = 0; i < 8; i++)
            attach[i] = 0;
        attach[0] = (uint)m->Slots[s->Base];
        attach[1] = (uint)program;
        attach[2] = 6; // BPF_CGROUP_DEVICE
        attach[3] = 2; // BPF_F_ALLOW_MULTI
        long result = Kernel.Call(SyscallNumber.Bpf, 8, (nint)attach, 32); // BPF_PROG_ATTACH
        Kernel.Close((int)program);
        return result;
    }
}
