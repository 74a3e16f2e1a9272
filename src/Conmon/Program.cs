using CriRuntime.Conmon;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

// Started by the daemon only: descriptor 3 is a connected socket, SIGCHLD is blocked. Other arguments are for process listings.
const int InheritedSocket = 3;

// The daemon cannot clone, so this program finds out for it whether ids can be mapped; the status is the reason's errno.
if (args is ["--probe-idmap", string directory])
{
    try
    {
        IdMappedMount.Probe(directory);
        return 0;
    }
    catch (LinuxException e)
    {
        return (int)e.Errno;
    }
}

PodMonitor monitor;
try
{
    SeqPacketSocket socket = new(OwnProcess.Inherit(InheritedSocket));
    OwnProcess.BecomeSubreaper();
    // It was executed through a descriptor, by whose number the kernel has named it.
    OwnProcess.SetName("cri-conmon"u8);
    monitor = new PodMonitor(socket);
}
catch (Exception e) when (e is LinuxException or InvalidOperationException)
{
    StandardStreams.WriteError("cri-conmon is started by criruntime, not by hand: "u8);
    StandardStreams.WriteError(System.Text.Encoding.UTF8.GetBytes(e.Message + "\n"));
    return 2;
}

monitor.Run();
return 0;
