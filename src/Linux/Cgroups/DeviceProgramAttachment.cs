using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Cgroups;

/// <summary>Device programs of cgroup v2 directories (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE).</summary>
public static unsafe class DeviceProgramAttachment
{
    private const int ProgLoad = 5;
    private const int ProgAttach = 8;
    private const int ProgDetach = 9;
    private const int ProgGetFdById = 13;
    private const int ProgQuery = 16;
    private const uint TypeCgroupDevice = 15;
    private const uint AttachCgroupDevice = 6;
    private const uint AllowMulti = 2;
    private const int MaxPrograms = 64;

    /// <summary>
    /// Attaches a program (<c>struct bpf_insn[]</c>) to the directory, then detaches those that were attached to it before,
    /// so that at no moment everything is allowed. Needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
    /// </summary>
    public static void Replace(string directory, ReadOnlySpan<byte> program)
    {
        using DirectoryFd cgroup = DirectoryFd.Open(directory);
        int fd = cgroup.Descriptor.Number;
        Span<uint> ids = stackalloc uint[MaxPrograms];
        ids = ids[..Query(fd, ids, directory)];
        using (FileDescriptor loaded = Load(program, directory))
            Call(ProgAttach, new Attachment { Target = fd, Program = loaded.Number, Type = AttachCgroupDevice, Flags = AllowMulti }, "attach", directory);
        foreach (uint id in ids)
        {
            using FileDescriptor old = Gate.Open(Call(ProgGetFdById, new Attachment { Target = (int)id }, "get program of", directory), "bpf", directory);
            Call(ProgDetach, new Attachment { Target = fd, Program = old.Number, Type = AttachCgroupDevice }, "detach", directory);
        }
    }

    /// <summary>How many device programs are attached to the directory itself.</summary>
    public static int Count(string directory)
    {
        using DirectoryFd cgroup = DirectoryFd.Open(directory);
        return Query(cgroup.Descriptor.Number, stackalloc uint[MaxPrograms], directory);
    }

    private static int Query(int cgroup, Span<uint> ids, string directory)
    {
        fixed (uint* list = ids)
        {
            var query = new Querying { Target = cgroup, Type = AttachCgroupDevice, Ids = (ulong)list, Count = (uint)ids.Length };
            Gate.Check(Libc.Bpf(ProgQuery, &query, sizeof(Querying)), "bpf query", directory);
            return (int)query.Count;
        }
    }

    private static FileDescriptor Load(ReadOnlySpan<byte> program, string directory)
    {
        ReadOnlySpan<byte> license = "Apache-2.0\0"u8;
        fixed (byte* code = program, text = license)
        {
            var load = new Loading { Type = TypeCgroupDevice, Count = (uint)(program.Length / 8), Code = (ulong)code, License = (ulong)text };
            return Gate.Open((int)Libc.Bpf(ProgLoad, &load, sizeof(Loading)), "bpf load", directory);
        }
    }

    private static int Call(int command, Attachment attachment, string what, string directory) =>
        (int)Gate.Check(Libc.Bpf(command, &attachment, sizeof(Attachment)), "bpf " + what, directory);

    [StructLayout(LayoutKind.Sequential)]
    private struct Loading
    {
        internal uint Type, Count;
        internal ulong Code, License;
        internal uint LogLevel, LogSize;
        internal ulong Log;
        internal uint KernelVersion, Flags;
    }

    /// <summary>Also for the commands that take an id in the first field.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attachment
    {
        internal int Target, Program;
        internal uint Type, Flags;
        internal int Replaced;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Querying
    {
        internal int Target;
        internal uint Type, Flags, AttachFlags;
        internal ulong Ids;
        internal uint Count, Padding;
    }
}
