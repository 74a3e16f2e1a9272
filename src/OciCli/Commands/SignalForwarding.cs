using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Running;

namespace CriRuntime.OciCli.Commands;

/// <summary>A foreground process gets the signals that this one is sent.</summary>
internal static class SignalForwarding
{
    /// <summary>Waits for the end, without a handler and without a second thread: there must be none while a process is cloned, and what comes later (hooks) clones too.</summary>
    internal static ExitStatus AwaitEnd(LaunchedProcess process)
    {
        using SignalFd signals = ForwardedSignals.Watch();
        while (!HostFile.AwaitFirst(process.PidFd, signals.Descriptor))
        {
            while (signals.Take() is not 0 and int signal)
                PidFd.Signal(process.PidFd, signal);
        }
        return process.WaitEnd();
    }
}
