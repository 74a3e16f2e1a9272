using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>The kubelet's patience ends while a pod or container is being made, and it asks again: there is one, and the answer names it.</summary>
public sealed class RetriedRequestTests
{
    /// <summary>When the retry comes.</summary>
    public enum Fate
    {
        /// <summary>While the work goes on.</summary>
        Joins,

        /// <summary>After it was done, with nobody there to be told.</summary>
        ComesLate,

        /// <summary>After the daemon was killed in the middle of the work.</summary>
        DaemonKilledAtWork,

        /// <summary>After the work was done, and the daemon then killed.</summary>
        DaemonKilledWhenDone,
    }

    public static MatrixTheoryData<string, Fate> PodStages => new(["files", "network"], Enum.GetValues<Fate>());

    public static MatrixTheoryData<string, Fate> ContainerStages => new(["log directory", "monitor"], Enum.GetValues<Fate>());

    [Theory]
    [MemberData(nameof(PodStages))]
    public async Task There_is_one_pod(string stage, Fate fate)
    {
        ScriptPlugin plugin = null!;
        string resolvConf = "";
        await using Daemon daemon = await Daemon.StartAsync("retry-pod", daemon =>
        {
            resolvConf = Path.Combine(daemon.Base, "resolv.conf");
            plugin = ScriptPlugin.Install(daemon, $$"""{ "resolvConf": "{{resolvConf}}" }""");
        });
        bool atFiles = stage == "files";
        if (atFiles)
            await Shell.RunAsync("mkfifo", resolvConf); // reading it hangs until someone writes
        else
            plugin.Gate.Close();
        PodSandboxConfig pod = daemon.Pod("impatient", hostNetwork: false);

        using CancellationTokenSource patience = new();
        Task<RunPodSandboxResponse> first = daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod }, cancellationToken: patience.Token).ResponseAsync;
        string pods = Path.Combine(daemon.Run, "pods");
        await (atFiles
            ? Wait.UntilAsync("the pod's record", () => Directory.Exists(pods) && Directory.GetFiles(pods, "pod.json", SearchOption.AllDirectories).Length == 1)
            : plugin.Gate.ReachedAsync("ADD"));
        await patience.CancelAsync();
        await Cri.RefusedAsync(StatusCode.Cancelled, () => first);
        string id = await MeetAsync(
            daemon,
            fate,
            () => atFiles ? FeedAsync(resolvConf) : Task.Run(plugin.Gate.Open),
            () => daemon.RunPodAsync(pod),
            async () => (await PodsAsync(daemon)).SingleOrDefault());

        Assert.Equal(id, Assert.Single(await PodsAsync(daemon)));
        Assert.Equal(id, Path.GetFileName(Assert.Single(Directory.GetDirectories(pods))));
        if (fate != Fate.DaemonKilledAtWork)
            Assert.Equal(1, plugin.Gate.Count("ADD"));
        await Cri.RefusedAsync(StatusCode.AlreadyExists, () => daemon.RunPodAsync(Changed(pod)));
    }

    [Theory]
    [MemberData(nameof(ContainerStages))]
    public async Task There_is_one_container(string stage, Fate fate)
    {
        await using Daemon daemon = await Daemon.StartAsync("retry-container");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        await using FrozenFileSystem logs = await FrozenFileSystem.MakeAsync(Path.Combine(daemon.Base, "frozen"));
        PodSandboxConfig pod = daemon.Pod("impatient");
        pod.LogDirectory = logs.MountPoint;
        string podId = await daemon.RunPodAsync(pod);
        ContainerConfig config = Cri.Container("main");
        config.LogPath = "main/0.log";
        string monitor = (await File.ReadAllTextAsync(Path.Combine(daemon.Run, "pods", podId, "conmon.pid"))).Trim();
        bool frozen = stage == "log directory";
        await (frozen ? logs.FreezeAsync() : Shell.RunAsync("kill", "-STOP", monitor));

        using CancellationTokenSource patience = new();
        CreateContainerRequest request = new() { PodSandboxId = podId, Config = config, SandboxConfig = pod };
        Task<CreateContainerResponse> first = daemon.Runtime.CreateContainerAsync(request, cancellationToken: patience.Token).ResponseAsync;
        string reached = Path.Combine(daemon.Run, "pods", podId, "specs");
        await Wait.UntilAsync("the container's spec to be written", () => Directory.GetFiles(reached, "*.json").Length == 1);
        await patience.CancelAsync();
        await Cri.RefusedAsync(StatusCode.Cancelled, () => first);
        string id = await MeetAsync(
            daemon,
            fate,
            () => frozen ? logs.ThawAsync() : Shell.RunAsync("kill", "-CONT", monitor),
            () => daemon.CreateAsync(podId, pod, config),
            async () => (await daemon.Runtime.ListContainersAsync(new ListContainersRequest())).Containers.SingleOrDefault()?.Id);

        Assert.Equal(id, Assert.Single((await daemon.Runtime.ListContainersAsync(new ListContainersRequest())).Containers).Id);
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(daemon.Root, "images", "snapshots")));
        await daemon.StartAsync(id);
        Assert.Equal("alive\n", await daemon.ExecTextAsync(id, "echo", "alive"));
        await Cri.RefusedAsync(StatusCode.AlreadyExists, () => daemon.CreateAsync(podId, pod, config));
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    /// <summary>Lets the first request's work go on, and the retry come when <paramref name="fate"/> says.</summary>
    /// <param name="made">What the daemon lists when the work is done; null before.</param>
    private static async Task<string> MeetAsync(Daemon daemon, Fate fate, Func<Task> release, Func<Task<string>> retry, Func<Task<string?>> made)
    {
        if (fate == Fate.Joins)
        {
            Task<string> joined = retry();
            await release();
            return await joined;
        }

        if (fate == Fate.DaemonKilledAtWork)
        {
            // A thread that hangs in the frozen file system ends only with the thaw.
            Task killed = daemon.KillAsync();
            await release();
            await killed;
            await daemon.StartProcessAsync();
            return await retry();
        }

        await release();
        string? done = null;
        await Wait.UntilAsync("the work to be done", async () => (done = await made()) is not null);
        if (fate == Fate.DaemonKilledWhenDone)
        {
            await daemon.KillAsync();
            await daemon.StartProcessAsync();
        }

        string answered = await retry();
        Assert.Equal(done, answered);
        return answered;
    }

    /// <summary>Lets whoever reads the FIFO have its end, and puts a file in its place for those who come later.</summary>
    private static async Task FeedAsync(string fifo)
    {
        string moved = fifo + ".fifo";
        File.Move(fifo, moved);
        await File.WriteAllTextAsync(fifo, "nameserver 10.98.0.1\n");
        // Where the reader was killed there is none to wait for.
        await Shell.TryAsync("timeout", "5", "sh", "-c", $"echo nameserver 10.98.0.1 > {moved}");
        File.Delete(moved);
    }

    private static PodSandboxConfig Changed(PodSandboxConfig pod)
    {
        PodSandboxConfig changed = pod.Clone();
        changed.Hostname = "changed";
        return changed;
    }

    private static async Task<string[]> PodsAsync(Daemon daemon) =>
        [.. (await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items.Where(pod => pod.State == PodSandboxState.SandboxReady).Select(pod => pod.Id)];
}
