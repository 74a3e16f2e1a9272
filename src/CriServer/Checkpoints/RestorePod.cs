using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// RestorePod: a new pod whose containers go on where those of a checkpoint stood; all of them, or nothing is left.
/// <code>
///   archive ──unpacked──▶ pod made ──▶ each container made from its checkpoint, and restored ──▶ (answered)
///                            └────────────── one fails: stopped, removed ──────────────┘
/// </code>
/// </summary>
public sealed class RestorePod(
    RuntimeState state,
    RunSandbox run,
    StopSandbox stop,
    RemoveSandbox remove,
    CreateContainer create,
    StartContainer start,
    CheckpointDirectories directories,
    ILogger<RestorePod> logger)
{
    private readonly OperationJoiner<RestoredPod> _joiner = new(keepsResults: true);

    /// <summary>Restores a pod, or joins the request that is restoring it. When the caller gives up, the work goes on and the retry finds it.</summary>
    /// <param name="archive">What CheckpointPod wrote; a path of this node.</param>
    /// <param name="config">Of the new pod.</param>
    /// <param name="runtimeHandler">As for RunPodSandbox.</param>
    /// <param name="containers">One for each container of the checkpoint, by its name. Their images are not looked at.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="CriException">AlreadyExists: the pod is there. NotFound: the archive is not. InvalidArgument: it is damaged, or <paramref name="containers"/> are not those in it.</exception>
    public Task<RestoredPod> ExecuteAsync(
        string archive, PodSandboxConfig config, string runtimeHandler, IReadOnlyList<ContainerConfig> containers, CancellationToken cancellationToken)
    {
        if (!archive.StartsWith('/'))
            throw CriException.InvalidArgument($"checkpoint_path \"{TextLimits.Shorten(archive)}\" is not an absolute path");
        string key = config.Metadata.Key;
        if (state.PodNamed(config.Metadata) is null)
            _joiner.Forget(key); // what was kept for a retry names nothing any more
        string fingerprint = Fingerprint.Of([Utf8(archive), StateJson.Write(config), Utf8(runtimeHandler), .. containers.Select(StateJson.Write)]);
        return _joiner.RunAsync(key, fingerprint, () => RestoreAsync(archive, config, runtimeHandler, containers), cancellationToken);
    }

    private async Task<RestoredPod> RestoreAsync(string archive, PodSandboxConfig config, string runtimeHandler, IReadOnlyList<ContainerConfig> containers)
    {
        if (state.PodNamed(config.Metadata) is { } holder)
            throw SandboxValidation.Taken(holder);
        string work = directories.MakeTemporary();
        try
        {
            IReadOnlyList<ContainerConfig> planned = await PlanAsync(archive, work, containers).ConfigureAwait(false);
            string podId = await run.ExecuteAsync(config, runtimeHandler, CancellationToken.None).ConfigureAwait(false);
            return new RestoredPod(podId, await FillAsync(podId, planned).ConfigureAwait(false));
        }
        finally
        {
            CheckpointDirectories.Remove(work);
        }
    }

    /// <summary>The containers to be, with their own checkpoints as images.</summary>
    private static async Task<IReadOnlyList<ContainerConfig>> PlanAsync(string archive, string work, IReadOnlyList<ContainerConfig> containers)
    {
        try
        {
            await Spans.RunAsync("checkpoint.unpack", _ => CheckpointArchive.UnpackAsync(archive, work)).ConfigureAwait(false);
            return Match(PodDump.Read(work), work, containers);
        }
        catch (Exception e)
        {
            throw CheckpointArchive.Explain(e, archive);
        }
    }

    internal static IReadOnlyList<ContainerConfig> Match(PodDump dump, string directory, IReadOnlyList<ContainerConfig> containers)
    {
        Dictionary<string, ContainerConfig> byName = new(StringComparer.Ordinal);
        foreach (ContainerConfig container in containers)
        {
            if (!byName.TryAdd(container.Metadata.Name, container))
                throw CriException.InvalidArgument($"container_configs names {container.Metadata.Name} twice");
        }

        List<ContainerConfig> planned = [];
        foreach (PodDump.Entry entry in dump.Containers)
        {
            if (!byName.Remove(entry.Name, out ContainerConfig? container))
                throw CriException.InvalidArgument($"container_configs has none for container {TextLimits.Shorten(entry.Name)}, which is in the checkpoint");
            planned.Add(container with { Image = Path.Join(directory, entry.File) });
        }

        return byName.Count == 0
            ? planned
            : throw CriException.InvalidArgument($"container_configs names {string.Join(", ", byName.Keys.Order(StringComparer.Ordinal))}, which is not in the checkpoint");
    }

    private async Task<IReadOnlyList<RestoredContainer>> FillAsync(string podId, IReadOnlyList<ContainerConfig> planned)
    {
        try
        {
            List<RestoredContainer> restored = [];
            foreach (ContainerConfig config in planned)
            {
                string id = await create.ExecuteAsync(podId, config, CancellationToken.None).ConfigureAwait(false);
                await start.ExecuteAsync(id, CancellationToken.None).ConfigureAwait(false);
                restored.Add(new RestoredContainer(config.Metadata.Name, id));
            }

            return restored;
        }
        catch (Exception e)
        {
            CheckpointLog.PodNotRestored(logger, podId, e.Message);
            await stop.ExecuteAsync(podId, CancellationToken.None).ConfigureAwait(false);
            await remove.ExecuteAsync(podId, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}

/// <param name="Containers">In the order of the checkpoint.</param>
public sealed record RestoredPod(string PodId, IReadOnlyList<RestoredContainer> Containers);

public sealed record RestoredContainer(string Name, string Id);
