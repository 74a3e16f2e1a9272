using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Containers;

/// <summary>A deletion under way: kill, wait for the end, empty and remove the cgroups. A repeated request joins it.</summary>
internal sealed class ContainerDeletion(MonitorContext context, Container container, Requester requester, Action<Container> forget)
{
    /// <summary>Killed processes leave their cgroup within milliseconds, unless the kernel holds them (NFS, dumps).</summary>
    private const int MaxAttempts = 12;

    private readonly List<Requester> _requesters = [requester];
    private int _attempts;

    internal void Join(Requester another) => _requesters.Add(another);

    internal void Begin()
    {
        container.KillAll();
        if (container.Announced)
            Continue();
    }

    /// <summary>The container's exit was announced.</summary>
    internal void Continue()
    {
        if (container.Cgroups.TryRemove())
        {
            Finish();
            return;
        }

        if (++_attempts > MaxAttempts)
        {
            Fail();
            return;
        }

        container.Cgroups.KillAll();
        // 1, 2, 4, ... ms: about 8 s in all.
        context.Loop.After(TimeSpan.FromMilliseconds(1 << _attempts), Continue);
    }

    private void Finish()
    {
        try
        {
            context.ExitRecords!.Remove(container.Id);
        }
        catch (LinuxException e)
        {
            context.Log.Warning($"container {container.Id}: its exit record stays behind: {e.Message}");
        }

        forget(container);
        foreach (Requester one in _requesters)
            one.Succeed();
    }

    // The container stays known, so that the deletion can be asked for again.
    private void Fail()
    {
        _attempts = 0;
        Requester[] waiting = [.. _requesters];
        _requesters.Clear();
        context.Containers.Abandon(container.Id);
        foreach (Requester one in waiting)
        {
            one.Fail(
                MonitorErrorKind.WrongState,
                $"container {container.Id} has processes that do not end although they were killed (in an uninterruptible wait?); its cgroups stay until the deletion is repeated");
        }
    }
}
