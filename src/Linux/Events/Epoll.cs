using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>What a descriptor is, or is to become, ready for (epoll_ctl(2)).</summary>
[Flags]
public enum Readiness : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,
    Error = 0x8,
    HungUp = 0x10,
    PeerClosed = 0x2000,

    /// <summary>Of an interest: report changes only (EPOLLET).</summary>
    EdgeTriggered = 0x80000000,
}

/// <summary>One descriptor that is ready: the token it was added with, and for what.</summary>
public readonly record struct ReadyEvent(ulong Token, Readiness Readiness);

/// <summary>An epoll set (epoll(7)), level-triggered unless asked otherwise. Add, Modify and Remove may be called from any thread; Wait from one at a time.</summary>
public sealed unsafe class Epoll : IDisposable
{
    // struct epoll_event is packed on x86-64 only: u32 events, then u64 data.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int RecordSize = DataOffset + 8;

    private readonly FileDescriptor _epoll;
    private readonly byte[] _records;

    /// <summary>Makes an empty set that reports up to <paramref name="batch"/> events a wait.</summary>
    public Epoll(int batch = 64)
    {
        _epoll = Gate.Open(Libc.EpollCreate(Libc.EPOLL_CLOEXEC), "epoll_create1");
        _records = GC.AllocateUninitializedArray<byte>(batch * RecordSize, pinned: true);
    }

    public void Add(FileDescriptor fd, Readiness interest, ulong token) => Control(Libc.EPOLL_CTL_ADD, fd, interest, token);

    public void Modify(FileDescriptor fd, Readiness interest, ulong token) => Control(Libc.EPOLL_CTL_MOD, fd, interest, token);

    /// <summary>Takes the descriptor out. It must still be open: closing one that was duplicated elsewhere does not take it out.</summary>
    public void Remove(FileDescriptor fd) => Control(Libc.EPOLL_CTL_DEL, fd, Readiness.None, 0);

    /// <summary>Waits for events. Returns how many were stored; 0 when the time is over or a signal came.</summary>
    /// <param name="ready">Filled from the front; its length and the batch bound the number.</param>
    /// <param name="timeoutMilliseconds">-1 waits without limit, 0 only looks.</param>
    public int Wait(Span<ReadyEvent> ready, int timeoutMilliseconds)
    {
        int capacity = Math.Min(ready.Length, _records.Length / RecordSize);
        int count;
        fixed (byte* records = _records)
            count = Libc.EpollWait(_epoll.Number, records, capacity, timeoutMilliseconds);
        if (Gate.Interrupted(count))
            return 0;
        Gate.Check(count, "epoll_wait");
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> record = _records.AsSpan(i * RecordSize, RecordSize);
            ready[i] = new ReadyEvent(
                BinaryPrimitives.ReadUInt64LittleEndian(record[DataOffset..]),
                (Readiness)BinaryPrimitives.ReadUInt32LittleEndian(record));
        }

        return count;
    }

    public void Dispose() => _epoll.Dispose();

    private void Control(int operation, FileDescriptor fd, Readiness interest, ulong token)
    {
        byte* record = stackalloc byte[16];
        Span<byte> span = new(record, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)interest);
        BinaryPrimitives.WriteUInt64LittleEndian(span[DataOffset..], token);
        Gate.Check(Libc.EpollControl(_epoll.Number, operation, fd.Number, record), "epoll_ctl");
    }
}
