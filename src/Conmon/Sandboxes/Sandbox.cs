using System.Text;
using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Sandboxes;

/// <summary>
/// The pod's namespaces. The plan's child makes them and its parent steps pin them below <c>ns/</c>; then the child ends,
/// or, where the pod shares a pid namespace, stays as its first process.
/// </summary>
internal sealed class Sandbox : IChild
{
    private const int SigKill = 9;

    private readonly MonitorContext _context;
    private readonly LaunchedProcess _process;
    private readonly LaunchStatus _status;
    private readonly Requester _requester;
    private bool _replied;
    private bool _ended;

    private Sandbox(MonitorContext context, LaunchedProcess process, Requester requester)
    {
        _context = context;
        _process = process;
        _requester = requester;
        _status = new LaunchStatus(context.Loop, process, OnStatus);
        _status.Watch();
        context.Children.Add(process.Pid, this);
    }

    /// <summary>Called when the namespaces could not be made: another attempt is allowed.</summary>
    internal Action? Failed { get; set; }

    internal static Sandbox Create(MonitorContext context, LaunchPlan plan, Requester requester) =>
        new(context, PlanRunner.Launch(plan, LaunchStdio.None), requester);

    /// <summary>Removes the pins below <c>ns/</c> of the pod's directory; namespaces that nothing else holds end with them.</summary>
    internal static void Unpin(string podDirectory, DirectoryFd directory)
    {
        using DirectoryFd? pins = directory.TryOpenDirectory("ns"u8, PathResolution.NoSymlinks);
        if (pins is null)
            return;
        using DirectoryReader reader = new(pins);
        while (reader.MoveNext())
        {
            string path = $"{podDirectory}/ns/{Encoding.UTF8.GetString(reader.Name)}";
            while (HostMount.Detach(path))
            {
            }

            pins.Unlink(reader.Name);
        }
    }

    /// <summary>Ends the first process of a shared pid namespace, and with it every other in it.</summary>
    internal void Kill()
    {
        if (!_ended)
            PidFd.Signal(_process.PidFd, SigKill);
    }

    public void OnEnded()
    {
        if (!_replied)
            OnStatus();
        if (_ended || PidFd.TryReap(_process.PidFd) is not { } status)
            return;
        if (status.ExitCode != 0)
            _context.Log.Warning($"the sandbox's first process has ended with code {status.ExitCode}");
        End();
    }

    private void OnStatus()
    {
        try
        {
            if (_process.TryReadStatus() is not (LaunchPhase.Ready or LaunchPhase.Running))
                return;
            _status.Unwatch();
            _replied = true;
            _context.Warn(_process.Warnings, "sandbox");
            _requester.Succeed(new LaunchMoments(_process.Moments));
        }
        catch (Exception e) when (e is LaunchException or LinuxException)
        {
            // Nothing to do after the first kind, which leaves no process behind.
            _process.Abandon();
            _replied = true;
            _context.Children.Forget(_process.Pid);
            End();
            _requester.Fail(MonitorErrorKind.LaunchFailed, e.Message);
            Failed?.Invoke();
        }
    }

    private void End()
    {
        _ended = true;
        _status.Unwatch();
        _process.Dispose();
    }
}
