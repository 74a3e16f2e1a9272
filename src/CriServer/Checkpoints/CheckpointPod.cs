using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// CheckpointPod: the checkpoints of a pod's containers in one archive. They are made one after the other, each while its container stands still; the pod's network and the files that
/// the kubelet made are not part of it.
/// </summary>
public sealed class CheckpointPod(RuntimeState state, CheckpointContainer container, CheckpointDirectories directories, ILogger<CheckpointPod> logger)
{
    /// <param name="idOrPrefix">The pod.</param>
    /// <param name="location">The archive to be: absolute; replaced where it exists.</param>
    /// <param name="containerIds">Empty: all of its containers that run.</param>
    /// <param name="cancellationToken">The caller's: when it gives up, nothing appears.</param>
    /// <exception cref="CriException">FailedPrecondition: nothing of it runs, or one that is asked for does not; and as <see cref="CheckpointContainer"/>.</exception>
    public async Task ExecuteAsync(string idOrPrefix, string location, IReadOnlyList<string> containerIds, CancellationToken cancellationToken)
    {
        PodSandbox pod = state.Pods.Get(idOrPrefix);
        CheckpointValidation.CheckLocation("output_path", location);
        List<Container> chosen = Choose(pod, containerIds);
        string work = directories.MakeTemporary();
        try
        {
            PodDump.Entry[] entries = new PodDump.Entry[chosen.Count];
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = new PodDump.Entry(chosen[i].Config.Metadata.Name, PodDump.ArchiveOf(i));
                await container.ExecuteAsync(chosen[i].Id, Path.Join(work, entries[i].File), 0, cancellationToken).ConfigureAwait(false);
            }

            PodDump dump = new(1, pod.Config.Metadata.Name, pod.Config.Metadata.Namespace, entries);
            CheckpointDocuments.Write(Path.Join(work, PodDump.FileName), dump, CheckpointJson.Default.PodDump);
            long bytes = await Spans.RunAsync("checkpoint.archive", _ => CheckpointArchive.WriteAsync(work, location, cancellationToken)).ConfigureAwait(false);
            CheckpointLog.PodSaved(logger, pod.Id, location, bytes, entries.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Linux.LinuxException)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, $"{pod} was not checkpointed to {location}: {e.Message}", e);
        }
        finally
        {
            CheckpointDirectories.Remove(work);
        }
    }

    private List<Container> Choose(PodSandbox pod, IReadOnlyList<string> ids)
    {
        List<Container> chosen = ids.Count == 0
            ? [.. state.ContainersOf(pod.Id).Where(static one => one.Phase == ContainerPhase.Running).OrderBy(static one => one.CreatedAt)]
            : [.. ids.Select(state.Containers.Get).DistinctBy(static one => one.Id)];
        if (chosen.Count == 0)
            throw CriException.FailedPrecondition($"{pod} has no container that runs: there is nothing to checkpoint");
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (Container one in chosen)
        {
            if (one.SandboxId != pod.Id)
                throw CriException.InvalidArgument($"container_ids names {one}, which is not in {pod}");
            if (!names.Add(one.Config.Metadata.Name))
                throw CriException.FailedPrecondition($"{pod} has two containers named {one.Config.Metadata.Name}; say by container_ids which is meant");
            CheckpointValidation.CheckRunning(one);
        }

        return chosen;
    }
}
