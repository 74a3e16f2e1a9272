using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <content>How a client comes to be: with a new monitor, or with one that is there.</content>
public sealed partial class MonitorClient
{
    /// <summary>Signals that a monitor starts with blocked: it reads SIGCHLD from a descriptor and ignores what stops a session.</summary>
    private static readonly int[] Blocked = [1 /* HUP */, 2 /* INT */, 3 /* QUIT */, 13 /* PIPE */, 15 /* TERM */, 17 /* CHLD */];

    /// <summary>Starts a monitor for a pod.</summary>
    /// <exception cref="LinuxException">The program could not be executed.</exception>
    /// <exception cref="MonitorException">It ended at once, or could not use the directory.</exception>
    public static async Task<MonitorClient> LaunchAsync(MonitorLaunchOptions options, CancellationToken cancellationToken)
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.Pair();
        MonitorClient client;
        using (theirs)
        {
            SpawnedProcess process;
            try
            {
                process = SpawnedProcess.Start(new SpawnOptions(options.ConmonPath, ["cri-conmon", options.PodId])
                {
                    Descriptors = [null, null, null, theirs.Descriptor],
                    Environment = [],
                    WorkingDirectory = "/",
                    NewSession = true,
                    BlockedSignals = Blocked,
                });
            }
            catch (LinuxException)
            {
                own.Dispose();
                throw;
            }

            client = new MonitorClient(own, MonitorProcess.Child(process), Reactor.Shared);
        }

        try
        {
            AssignRequest assign = new(options.PodDirectory, options.PodId, options.CgroupProcs, options.LogLevel);
            Task hello = client.HelloAsync(cancellationToken);
            await client._connection.RequestAsync(MessageType.Assign, assign, cancellationToken).ConfigureAwait(false);
            await hello.ConfigureAwait(false);
            client.PodId = options.PodId;
            return client;
        }
        catch
        {
            // A monitor without a pod ends by itself when its only connection closes.
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects to the monitor that an earlier daemon started for the pod.</summary>
    /// <exception cref="MonitorException">Gone: none listens there; <see cref="ExitRecord"/> tells what it knew at its end.</exception>
    public static async Task<MonitorClient> AdoptAsync(string podDirectory, CancellationToken cancellationToken)
    {
        MonitorClient? client;
        // Null: more daemons' worth of connections wait there than the monitor's backlog holds.
        while ((client = TryConnect(podDirectory)) is null)
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken).ConfigureAwait(false);
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
        PodId = HelloReply.Read(ref reader).PodId;
    }
}
