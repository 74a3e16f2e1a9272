using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.State;

/// <summary>Everything the daemon knows of pods and containers, published and on disk.</summary>
public sealed class RuntimeState
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    public RuntimeState(RuntimeSettings settings, TimeProvider time, ILogger<RuntimeState> logger)
    {
        Settings = settings;
        Directories = new StateDirectories(settings.Root, settings.Run);
        _time = time;
        _logger = logger;
        Pods = new Snapshot<PodSandbox>("pod sandbox", pod => pod.Id, Persist);
        Containers = new Snapshot<Container>("container", container => container.Id, Persist);
    }

    public RuntimeSettings Settings { get; }

    public StateDirectories Directories { get; }

    public Snapshot<PodSandbox> Pods { get; }

    public Snapshot<Container> Containers { get; }

    /// <summary>Held while a pod's set of containers or its phase is being changed; never over CNI calls, pulls or grace periods.</summary>
    public KeyedLocks PodLocks { get; } = new();

    /// <summary>Held while a container is created, started or removed. Taken after the pod's lock where both are needed.</summary>
    public KeyedLocks ContainerLocks { get; } = new();

    /// <summary>Nanoseconds since the epoch.</summary>
    public long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public IEnumerable<Container> ContainersOf(string podId) =>
        Containers.Current.Values.Where(container => container.SandboxId == podId);

    /// <summary>The pod that holds this name, uid, namespace and attempt; null if none does.</summary>
    public PodSandbox? PodNamed(PodSandboxMetadata metadata) => Pods.Current.Values.FirstOrDefault(pod => pod.Config.Metadata == metadata);

    /// <summary>The pod's container that holds this name and attempt; null if none does.</summary>
    public Container? ContainerNamed(string podId, ContainerMetadata metadata) =>
        ContainersOf(podId).FirstOrDefault(container => container.Config.Metadata == metadata);

    /// <summary>
    /// The pod's containers that clients may see, the newest first. The order matters: a kubelet that is told of events takes the first status
    /// with a container's name for the present one.
    /// </summary>
    public IReadOnlyList<Container> NewestFirst(string podId) =>
    [
        .. ContainersOf(podId).Where(container => container.Phase != ContainerPhase.Creating)
            .OrderByDescending(container => container.CreatedAt).ThenByDescending(container => container.Config.Metadata.Attempt),
    ];

    private void Persist(PodSandbox pod)
    {
        bool mustSucceed = pod.Phase is SandboxPhase.Creating or SandboxPhase.Ready;
        if (!pod.FromLastBoot) // of those only the owed record remains, and it says all there is to say
            Persist(Directories.PodFile(pod.Id), StateJson.Write(pod), mustSucceed);
    }

    private void Persist(Container container)
    {
        bool mustSucceed = container.Phase is ContainerPhase.Creating or ContainerPhase.Created;
        Persist(Directories.ContainerFile(container.SandboxId, container.Id), StateJson.Write(container), mustSucceed);
    }

    /// <summary>What takes something away must work on a full disk: there a failure to write is only logged.</summary>
    private void Persist(string path, byte[] json, bool mustSucceed)
    {
        try
        {
            StateFile.Write(path, json);
        }
        catch (Exception e) when (!mustSucceed && e is (IOException or UnauthorizedAccessException))
        {
            StateLog.NotPersisted(_logger, path, e);
        }
    }
}
