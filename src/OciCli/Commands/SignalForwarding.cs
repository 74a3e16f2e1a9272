using System.Runtime.InteropServices;
using CriRuntime.Linux;
using CriRuntime.Oci.Running;

namespace CriRuntime.OciCli.Commands;

/// <summary>A foreground process gets the signals that this one is sent.</summary>
internal static class SignalForwarding
{
    private static readonly PosixSignal[] Forwarded = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT, (PosixSignal)10, (PosixSignal)12];

    /// <summary>
    /// Waits for the end. Handlers are set only now: they bring threads, and there must be none while a process is cloned. What clones later (hooks)
    /// does so after they are gone.
    /// </summary>
    internal static ExitStatus AwaitEnd(LaunchedProcess process)
    {
        List<PosixSignalRegistration> registrations = [];
        try
        {
            foreach (PosixSignal signal in Forwarded)
                registrations.Add(PosixSignalRegistration.Create(signal, context => Forward(context, process)));
            return process.WaitEnd();
        }
        finally
        {
            foreach (PosixSignalRegistration registration in registrations)
                registration.Dispose();
        }
    }

    private static void Forward(PosixSignalContext context, LaunchedProcess process)
    {
        context.Cancel = true;
        PidFd.Signal(process.PidFd, Number(context.Signal));
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        PosixSignal.SIGTERM => 15,
        _ => (int)signal,
    };
}
