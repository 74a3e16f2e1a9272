using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class AdoptionTests
{
    [Fact]
    public async Task Containers_outlive_the_daemon_and_the_next_one_learns_what_happened()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("ends", "sh", "-c", "sleep 0.3; echo alone; exit 5");
        await pod.RunAsync("stays", "sleep", "1000");
        await pod.Monitor.DisposeAsync();
        await LifecycleTests.WaitForAsync(() => ExitRecord.Read(pod.PodDirectory, "ends") is not null);
        await pod.AdoptAsync();
        IReadOnlyList<MonitoredContainer> containers = await pod.Monitor.ListAsync(Pod.Limit);
        Assert.Equal(5, containers.Single(c => c.Id == "ends").Exit!.ExitCode);
        Assert.Equal(MonitoredState.Running, containers.Single(c => c.Id == "stays").State);
        Assert.Equal(["alone"], pod.Log("ends"));
        await pod.Monitor.SignalAsync("stays", 9, Pod.Limit);
        Assert.Equal(137, (await pod.ExitOfAsync("stays")).ExitCode);
    }

    [Fact]
    public async Task A_killed_monitor_is_noticed_at_once_and_what_waits_for_it_fails()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        using FileDescriptor container = PidFd.Open(pid);
        await pod.RunToEndAsync("c2", "sh", "-c", "exit 9");
        MonitorExec exec = await pod.StartExecAsync("c1", pid, new ExecRequest("c1", default), "sleep", "1000");
        using (FileDescriptor monitor = PidFd.Open(pod.Monitor.Pid))
            PidFd.Signal(monitor, 9);
        await pod.Monitor.Exited.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<MonitorException>(() => exec.ExitCode.WaitAsync(Pod.Limit));
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => pod.Monitor.ListAsync(Pod.Limit));
        Assert.Equal(MonitorErrorKind.Gone, e.Kind);
        e = await Assert.ThrowsAsync<MonitorException>(() => MonitorClient.AdoptAsync(pod.PodDirectory, Pod.Limit));
        Assert.Equal(MonitorErrorKind.Gone, e.Kind);
        Assert.Equal(9, ExitRecord.Read(pod.PodDirectory, "c2")!.ExitCode);
        Assert.Null(ExitRecord.Read(pod.PodDirectory, "c1"));
        PidFd.Signal(container, 9);
        await LifecycleTests.WaitForAsync(() => !Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task Two_daemons_at_once_both_hear_of_an_exit()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await using MonitorClient second = await MonitorClient.AdoptAsync(pod.PodDirectory, Pod.Limit);
        TaskCompletionSource<ContainerExit> heard = new();
        second.ContainerExited += exit => heard.TrySetResult(exit);
        ContainerExit exit = await pod.RunToEndAsync("c1", "false");
        Assert.Equal(exit, await heard.Task.WaitAsync(Pod.Limit));
    }

    [Fact]
    public async Task Garbage_on_the_socket_costs_that_connection_only()
    {
        await using Pod pod = await Pod.LaunchAsync();
        Random random = new(1);
        using DirectoryFd directory = DirectoryFd.Open(pod.PodDirectory);
        for (int i = 0; i < 300; i++)
        {
            using SeqPacketSocket socket = await ConnectAsync(directory);
            byte[] frame = new byte[random.Next(1, 200)];
            random.NextBytes(frame);
            if (i % 2 == 0 && frame.Length >= FrameHeader.Size)
                new FrameHeader((MessageType)random.Next(16), MessageFlags.None, 1, frame.Length - FrameHeader.Size).Write(frame);
            if (frame.Length >= FrameHeader.Size && frame[4] == (byte)MessageType.Shutdown)
                continue;
            socket.TrySend(frame);
        }

        await pod.RunToEndAsync("c1", "true");
        Assert.False(pod.Monitor.Exited.IsCompleted);
    }

    private static async Task<SeqPacketSocket> ConnectAsync(DirectoryFd directory)
    {
        while (true)
        {
            try
            {
                return SeqPacketSocket.Connect(directory.Descriptor, MonitorFiles.Socket);
            }
            catch (LinuxException e) when (e.Errno == Errno.EAGAIN)
            {
                // The backlog is full: this test connects faster than anybody accepts.
                await Task.Delay(1, Pod.Limit);
            }
        }
    }
}
