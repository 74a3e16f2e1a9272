using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>A container that forks without end, under the limit of processes that the kubelet sets for its pod.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class ForkBombTests(SharedDaemon shared)
{
    private const int MaxProcesses = 100;
    private readonly Daemon _daemon = shared.Daemon;

    [Theory]
    [InlineData(NamespaceMode.Container)]
    [InlineData(NamespaceMode.Pod)]
    [InlineData(NamespaceMode.Node)]
    public async Task A_stop_ends_all_of_it_and_leaves_the_cgroup_empty(NamespaceMode pids)
    {
        string name = $"bomb-{pids.ToString().ToLowerInvariant()}-{Guid.NewGuid().ToString("n")[..8]}";
        string parent = $"{_daemon.Cgroup}/{name}";
        string limited = Limit(parent);
        PodSandboxConfig pod = _daemon.Pod(name);
        pod.Linux.CgroupParent = parent;
        pod.Linux.SecurityContext.NamespaceOptions.Pid = pids;
        string podId = await _daemon.RunPodAsync(pod);
        try
        {
            // Each of them forks until it is refused, which ends that one and makes room for the others. The first process
            // reaps them (a shell that waits for the sleep): unreaped, they would fill the limit and the bomb would go out.
            ContainerConfig config = Cri.Container("bomb", "sh", "-c", "trap '' TERM; echo 'while true; do sh /tmp/b & done 2>/dev/null' > /tmp/b; sleep 1000 & sh /tmp/b & wait");
            config.Linux.SecurityContext.NamespaceOptions.Pid = pids;
            string id = await _daemon.StartNewAsync(podId, pod, config);
            await Wait.UntilAsync("the limit to be reached", () => Refused(limited) > 10 * MaxProcesses);

            await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 1 });
            ContainerStatus status = await _daemon.StatusAsync(id);
            Assert.Equal((ContainerState.ContainerExited, 137), (status.State, status.ExitCode));
            await Wait.UntilAsync("the cgroup to be empty", () => Processes(limited).Length == 0);
            await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        }
        finally
        {
            await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
            await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
            await Shell.TryAsync("find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", $"*{parent}*", "-exec", "rmdir", "{}", ";");
        }
    }

    /// <summary>Makes the pod's cgroup as the kubelet does, with its limit.</summary>
    /// <returns>The directory of the pids controller.</returns>
    private static string Limit(string cgroup)
    {
        string directory = (Directory.Exists("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup") + cgroup;
        Directory.CreateDirectory(directory);
        File.WriteAllText(directory + "/pids.max", MaxProcesses.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return directory;
    }

    /// <summary>How many forks the kernel refused for the limit, below or in this cgroup.</summary>
    private static long Refused(string directory) => Directory.EnumerateFiles(directory, "pids.events", SearchOption.AllDirectories)
        .SelectMany(File.ReadAllLines).Where(line => line.StartsWith("max ", StringComparison.Ordinal))
        .Sum(line => long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture));

    private static string[] Processes(string directory) =>
        [.. Directory.EnumerateFiles(directory, "cgroup.procs", SearchOption.AllDirectories).SelectMany(File.ReadAllLines)];
}
