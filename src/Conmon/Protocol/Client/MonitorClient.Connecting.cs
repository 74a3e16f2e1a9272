using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <content>How a client comes to be: with a new monitor, or with one that is there.</content>
public sealed partial class MonitorClient
{
    /// <summary>Signals that a monitor starts with blocked: it reads SIGCHLD from a descriptor and ignores what stops a session.</summary>
    private static readonly int[] Blocked = [1 /* HUP */, 2 /* INT */, 3 /* QUIT */, 13 /* PIPE */, 15 /* TERM */, 17 /* CHLD */];

    /// <summary>With room for a pod's id, which the monitor puts there for process listings.</summary>
    private static readonly string SpareArgument = "(no pod yet)".PadRight(64);

    /// <summary>Starts a monitor for a pod.</summary>
    /// <exception cref="LinuxException">The program could not be executed.</exception>
    /// <exception cref="MonitorException">It ended at once, or could not use the directory.</exception>
    public static async Task<MonitorClient> LaunchAsync(MonitorLaunchOptions options, CancellationToken cancellationToken)
    {
        MonitorClient client = Spawn(options.ConmonPath, options.PodId);
        try
        {
            Task hello = client.HelloAsync(cancellationToken);
            await client.AssignAsync(options, cancellationToken).ConfigureAwait(false);
            await hello.ConfigureAwait(false);
            return client;
        }
        catch
        {
            // A monitor without a pod ends by itself when its only connection closes.
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Starts a monitor that has no pod yet, so that the next pod need not wait for a program to start. It does nothing until
    /// <see cref="AssignAsync"/>, and ends by itself when this client is disposed or the daemon dies before that.
    /// </summary>
    /// <exception cref="LinuxException">The program could not be executed.</exception>
    /// <exception cref="MonitorException">It ended at once.</exception>
    public static async Task<MonitorClient> LaunchSpareAsync(string conmonPath, CancellationToken cancellationToken)
    {
        return await GreetAsync(Spawn(conmonPath, SpareArgument), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a spare monitor its pod, once. (ConmonPath is not looked at: the program runs.)</summary>
    /// <exception cref="MonitorException">WrongState: it has a pod already. Internal: it could not use the directory; it is still without a pod.</exception>
    public async Task AssignAsync(MonitorLaunchOptions options, CancellationToken cancellationToken)
    {
        AssignRequest assign = new(options.PodDirectory, options.PodId, options.CgroupProcs, options.LogLevel);
        await _connection.RequestAsync(MessageType.Assign, assign, cancellationToken).ConfigureAwait(false);
        PodId = options.PodId;
    }

    /// <summary>Connects to the monitor that an earlier daemon started for the pod.</summary>
    /// <exception cref="MonitorException">Gone: none listens there; <see cref="ExitRecord"/> tells what it knew at its end.</exception>
    public static async Task<MonitorClient> AdoptAsync(string podDirectory, CancellationToken cancellationToken)
    {
        MonitorClient? client;
        // Null: more daemons' worth of connections wait there than the monitor's backlog holds.
        while ((client = TryConnect(podDirectory)) is null)
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken).ConfigureAwait(false);
        return await GreetAsync(client, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The client, once the monitor has answered; else it is disposed.</summary>
    private static async Task<MonitorClient> GreetAsync(MonitorClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.HelloAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static MonitorClient Spawn(string conmonPath, string argument)
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.Pair();
        using (theirs)
        {
            try
            {
                SpawnedProcess process = SpawnedProcess.Start(new SpawnOptions(conmonPath, ["cri-conmon", argument])
                {
                    Descriptors = [null, null, null, theirs.Descriptor],
                    Environment = [],
                    WorkingDirectory = "/",
                    NewSession = true,
                    BlockedSignals = Blocked,
                });
                return new MonitorClient(own, MonitorProcess.Child(process), Reactor.Shared);
            }
            catch (LinuxException)
            {
                own.Dispose();
                throw;
            }
        }
    }

    private static MonitorClient? TryConnect(string podDirectory)
    {
        try
        {
            using DirectoryFd directory = DirectoryFd.Open(podDirectory);
            SeqPacketSocket socket = SeqPacketSocket.Connect(directory.Descriptor, MonitorFiles.Socket);
            int pid = socket.Peer().Pid;
            // Whoever answers Hello below was alive after this pidfd was opened, so the pidfd is the monitor's.
            return new MonitorClient(socket, MonitorProcess.Stranger(pid), Reactor.Shared);
        }
        catch (LinuxException e) when (e.Errno == Errno.EAGAIN)
        {
            return null;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ECONNREFUSED or Errno.ESRCH)
        {
            throw new MonitorException(MonitorErrorKind.Gone, $"no monitor listens in {podDirectory}: {e.Message}");
        }
    }

    private async Task HelloAsync(CancellationToken cancellationToken)
    {
        HelloRequest hello = new(OldestVersion: 1, NewestVersion: FrameHeader.CurrentVersion);
        MonitorReply reply = await _connection.RequestAsync(MessageType.Hello, hello, cancellationToken).ConfigureAwait(false);
        PayloadReader reader = reply.Reader;
        // A spare's is empty, and may be overtaken by its assignment.
        if (HelloReply.Read(ref reader).PodId is { Length: > 0 } podId)
            PodId = podId;
    }
}
