using System.Globalization;
using System.Text;
using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Exits;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Conmon.Requests;
using CriRuntime.Conmon.Sandboxes;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Conmon;

/// <summary>
/// One pod's monitor. Unassigned it serves the one connection that it was started with, and ends with it; with Assign it
/// gets its pod and stays, whatever becomes of the daemon, until Shutdown.
/// </summary>
internal sealed class PodMonitor
{
    private string _podPath = "";
    private Sandbox? _sandbox;

    internal PodMonitor(SeqPacketSocket first)
    {
        Context = new MonitorContext(new RequestHandler(this).Handle);
        Context.Connections.Disconnected = OnDisconnected;
        Context.Connections.Add(first);
    }

    internal MonitorContext Context { get; }

    private bool Assigned => Context.PodDirectory is not null;

    internal void Run() => Context.Loop.Run();

    internal HelloReply Hello(HelloRequest hello)
    {
        if (hello.OldestVersion > FrameHeader.CurrentVersion || hello.NewestVersion < 1)
        {
            throw new MonitorException(
                MonitorErrorKind.Unsupported,
                $"this monitor speaks version {FrameHeader.CurrentVersion}, the daemon {hello.OldestVersion} to {hello.NewestVersion}");
        }

        return new HelloReply(Math.Min(hello.NewestVersion, FrameHeader.CurrentVersion), Environment.ProcessId, Context.PodId);
    }

    internal void Assign(AssignRequest request)
    {
        if (Assigned)
            throw new MonitorException(MonitorErrorKind.WrongState, $"this monitor belongs to pod {Context.PodId} already");
        DirectoryFd directory = DirectoryFd.Open(request.PodDirectory);
        Context.Log.Open(directory, request.LogLevel);
        JoinCgroups(request.CgroupProcs);
        ProtectFromOom();
        WritePid(directory);
        // Last: whoever can connect finds everything else in place.
        Listener.Open(Context.Loop, directory, Context.Connections);
        ProcessTitle.SetLastArgument(System.Text.Encoding.UTF8.GetBytes(request.PodId));
        _podPath = request.PodDirectory;
        Context.PodId = request.PodId;
        Context.ExitRecords = new ExitRecordWriter(directory);
        Context.PodDirectory = directory;
    }

    internal void CreateSandbox(LaunchPlan plan, Requester requester)
    {
        if (_sandbox is not null)
            throw new MonitorException(MonitorErrorKind.AlreadyExists, $"pod {Context.PodId} has its namespaces already");
        _sandbox = Sandbox.Create(Context, plan, requester);
        _sandbox.Failed = () => _sandbox = null;
    }

    /// <summary>Unpins the namespaces and makes the loop end.</summary>
    internal void Shutdown()
    {
        if (Context.Containers.Count > 0 || Context.Execs.Count > 0)
        {
            throw new MonitorException(
                MonitorErrorKind.WrongState,
                $"pod {Context.PodId} has {Context.Containers.Count} containers and {Context.Execs.Count} execs left");
        }

        _sandbox?.Kill();
        if (Assigned)
        {
            Sandbox.Unpin(_podPath, Context.PodDirectory!);
            Context.PodDirectory!.Unlink(Encoding.UTF8.GetBytes(MonitorFiles.Socket));
            Context.PodDirectory!.Unlink(Encoding.UTF8.GetBytes(MonitorFiles.Pid));
        }

        Context.Loop.Stop();
    }

    internal void RequireAssigned()
    {
        if (!Assigned)
            throw new MonitorException(MonitorErrorKind.WrongState, "this monitor has no pod yet");
    }

    private void OnDisconnected(Connection connection)
    {
        Context.Execs.KillAllOf(connection);
        if (!Assigned && Context.Connections.Count == 0)
            Context.Loop.Stop();
    }

    private static void JoinCgroups(IReadOnlyList<string> procsFiles)
    {
        foreach (string file in procsFiles)
            CgroupFile.Write(file, "0");
    }

    // Without CAP_SYS_RESOURCE the kernel refuses to go below what was inherited; then that stays.
    private void ProtectFromOom()
    {
        Errno result = CgroupFile.TryWrite("/proc/self/oom_score_adj", "-999"u8);
        if (result is not (Errno.None or Errno.EACCES or Errno.EPERM))
            Context.Log.Warning($"oom_score_adj stays as it is: {result}");
    }

    private static void WritePid(DirectoryFd directory)
    {
        byte[] name = Encoding.UTF8.GetBytes(MonitorFiles.Pid);
        directory.Unlink(name);
        using FileDescriptor file = directory.TryCreateFile(name, permissions: 0x180 /* 0600 */)
            ?? throw new LinuxException("open", MonitorFiles.Pid, Errno.EEXIST);
        file.WriteAll(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
    }
}
