using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>start: releases the process at its gate.</summary>
public static class ContainerStart
{
    /// <exception cref="OciException">It was started before, or is gone; or a poststart hook failed, and it was killed.</exception>
    public static void Start(Container container)
    {
        string id = container.Record.Id;
        string status = container.Status();
        if (status != ContainerStatus.Created)
            throw new OciException($"container {id} cannot be started: it is {status}");
        string fifo = container.Store.FifoOf(id);
        // The process holds its own end open, so this neither waits nor fails while it lives.
        using (FileDescriptor gate = HostFile.Open(fifo, HostFileAccess.WriteNow))
            gate.WriteAll("0"u8);
        File.Delete(fifo);
        ContainerHooks.Poststart(container);
    }
}
