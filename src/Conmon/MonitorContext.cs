using CriRuntime.Conmon.Attach;
using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Containers;
using CriRuntime.Conmon.Diagnostics;
using CriRuntime.Conmon.Execs;
using CriRuntime.Conmon.Exits;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Stdio;
using CriRuntime.Linux;

namespace CriRuntime.Conmon;

/// <summary>What the parts of a monitor share. All of it belongs to the one thread.</summary>
internal sealed class MonitorContext
{
    /// <summary>Bytes allocated since the last idle collection that are worth another.</summary>
    private const long CollectAfter = 48 * 1024;

    private long _collectedAt;

    internal MonitorContext(FrameHandler handler)
    {
        Children = Children.Watch(Loop);
        Connections = new ConnectionSet(Loop, Log, handler);
        Containers = new ContainerTable(this);
        Attachments = new AttachmentTable(Containers);
        Execs = new ExecTable(this);
        Loop.OnIdle = GiveBackMemory;
        Loop.OnFault = e => Log.Error(e.Message);
    }

    internal EventLoop Loop { get; } = new();

    internal MonitorLog Log { get; } = new();

    internal CopyBuffers Buffers { get; } = new();

    internal Children Children { get; }

    internal ConnectionSet Connections { get; }

    internal ContainerTable Containers { get; }

    internal AttachmentTable Attachments { get; }

    internal ExecTable Execs { get; }

    internal OomLedger OomKills { get; } = new();

    /// <summary>Null before Assign, as the next two.</summary>
    internal DirectoryFd? PodDirectory { get; set; }

    internal ExitRecordWriter? ExitRecords { get; set; }

    internal string PodId { get; set; } = "";

    /// <summary>Logs what a launch could do without.</summary>
    internal void Warn(IReadOnlyList<string> warnings, string what)
    {
        foreach (string warning in warnings)
            Log.Warning($"{what}: {warning}");
    }

    // One collection after a burst of requests: what the burst needed must not stay with every pod of the node.
    private void GiveBackMemory()
    {
        Buffers.Release();
        Connections.Release();
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _collectedAt < CollectAfter)
            return;
        _collectedAt = allocated;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
