using CriRuntime.Conmon.Binaries;
using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Containers;
using CriRuntime.Conmon.Launching;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Execs;

/// <summary>The execs that run at present.</summary>
internal sealed class ExecTable(MonitorContext context)
{
    private readonly Dictionary<long, ExecProcess> _execs = [];
    private long _lastId;

    internal int Count => _execs.Count;

    /// <summary>Clones a process into a container. The descriptors: the plan, then those of stdin, stdout, stderr that the message announces.</summary>
    internal void Start(ExecMessage message, LaunchPlan plan, List<FileDescriptor> descriptors, Requester requester)
    {
        Container container = context.Containers.Get(message.ContainerId);
        if (container.State != MonitoredState.Running)
            throw new MonitorException(MonitorErrorKind.WrongState, $"container {message.ContainerId} is not running");
        // The clone would be frozen before it could say that it has begun, and the monitor would wait for it.
        if (container.Cgroups.IsFreezing)
            throw new MonitorException(MonitorErrorKind.WrongState, $"container {message.ContainerId} is paused");
        int next = 1;
        FileDescriptor? stdin = Take(message.HasStdin, descriptors, ref next);
        FileDescriptor? stdout = Take(message.HasStdout, descriptors, ref next);
        FileDescriptor? stderr = Take(message.HasStderr, descriptors, ref next);
        LaunchStdio stdio = new(stdin, stdout, stderr);
        ILaunch launch = message.Binary is { } binary
            ? BinaryLaunch.Execute(context, binary, plan, stdio, message.Terminal)
            : new PlanLaunch(context, PlanRunner.Launch(plan, stdio));
        ExecProcess exec = new(context, ++_lastId, launch, new ExecFamily(context, container, message.CgroupDirectory), requester) { Ended = Forget };
        _execs[exec.Id] = exec;
    }

    internal void Kill(long id)
    {
        if (_execs.TryGetValue(id, out ExecProcess? exec))
            exec.Kill();
    }

    /// <summary>Nobody is left who could read their output or learn of their ends.</summary>
    internal void KillAllOf(Connection owner)
    {
        foreach (ExecProcess exec in _execs.Values)
        {
            if (exec.Owner == owner)
                exec.Kill();
        }
    }

    private void Forget(ExecProcess exec)
    {
        _execs.Remove(exec.Id);
        exec.Dispose();
    }

    private static FileDescriptor? Take(bool announced, List<FileDescriptor> descriptors, ref int next)
    {
        if (!announced)
            return null;
        return next < descriptors.Count
            ? descriptors[next++]
            : throw new MonitorException(MonitorErrorKind.InvalidRequest, "the exec announces a descriptor that did not come with it");
    }
}
