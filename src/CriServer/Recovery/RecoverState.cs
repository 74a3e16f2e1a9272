using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>
/// What the daemon does at start: publish what lies on disk, so that lists are right at once; then find out, all pods in parallel,
/// what of it still lives; undo what was never finished; and pay the CNI DELs that are owed.
/// </summary>
public sealed class RecoverState(
    RuntimeState state,
    RecoverPod recoverPod,
    UndoSandbox undoSandbox,
    OwedDetachments detachments,
    OwedRecords owedRecords,
    IContainerImages images,
    CheckpointDirectories checkpoints,
    RecoveryGate gate,
    ILogger<RecoverState> logger)
{
    private const int Parallelism = 16;

    private SavedState _saved = new([], [], [], []);

    /// <summary>Lets lists and statuses show what lies on disk; waits for nothing.</summary>
    public void Publish(SavedState saved)
    {
        _saved = saved;
        foreach (PodSandbox pod in _saved.Pods.Where(pod => pod.Phase != SandboxPhase.Creating))
            state.Pods.Adopt(pod with { Inherited = true });
        foreach (Container container in _saved.Containers.Where(c => state.Pods.Current.ContainsKey(c.SandboxId)))
            state.Containers.Adopt(container with { Inherited = true });
        HashSet<string> known = [.. _saved.Pods.Select(pod => pod.Id)];
        OwedRecord[] ofLastBoot = [.. _saved.Owed.Where(record => !known.Contains(record.Pod.Id) && record.BootId != OwedRecords.BootId)];
        foreach (OwedRecord record in ofLastBoot)
            state.Pods.Adopt(record.Pod with { Phase = SandboxPhase.NotReady, FromLastBoot = true });
        RecoveryLog.Found(logger, _saved.Pods.Count, _saved.Containers.Count, ofLastBoot.Length);
    }

    /// <summary>Brings what was published in line with what lives, then lets changes in.</summary>
    /// <param name="beforeChanges">What has to know the state and must not miss a change.</param>
    public async Task ConvergeAsync(Func<Task> beforeChanges, CancellationToken cancellationToken)
    {
        ParallelOptions options = new() { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_saved.Pods, options, async (pod, ct) => await TryAsync(pod.Id, () => ConvergeAsync(pod, ct), ct).ConfigureAwait(false))
            .ConfigureAwait(false);
        await Parallel.ForEachAsync(
            _saved.OrphanDirectories, options, async (id, ct) => await TryAsync(id, () => UndoOrphanAsync(id, ct), ct).ConfigureAwait(false))
            .ConfigureAwait(false);
        await RemoveOrphanLayersAsync(cancellationToken).ConfigureAwait(false);
        PayOwedDetachments();
        _saved = new([], [], [], []);
        await beforeChanges().ConfigureAwait(false);
        gate.Open();
    }

    private Task ConvergeAsync(PodSandbox pod, CancellationToken cancellationToken)
    {
        if (pod.Phase != SandboxPhase.Creating)
            return recoverPod.ExecuteAsync(pod.Id, cancellationToken);
        RecoveryLog.Undoing(logger, pod.Id);
        return undoSandbox.ExecuteAsync(pod, cancellationToken);
    }

    private Task UndoOrphanAsync(string podId, CancellationToken cancellationToken)
    {
        RecoveryLog.Undoing(logger, podId);
        return undoSandbox.OrphanAsync(podId, cancellationToken);
    }

    /// <summary>One pod that can't be recovered, or what is left of one, must not keep the others from being served.</summary>
    private async Task TryAsync(string podId, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            RecoveryLog.Failed(logger, podId, e);
        }
    }

    private async Task RemoveOrphanLayersAsync(CancellationToken cancellationToken)
    {
        checkpoints.Sweep([.. state.Containers.Current.Keys]);
        foreach (string id in images.SnapshotKeys().Where(id => !state.Containers.Current.ContainsKey(id)))
        {
            try
            {
                await images.RemoveSnapshotAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                RecoveryLog.LayerStays(logger, id, e.Message);
            }
        }
    }

    /// <summary>Pods of the last boot stay listed until they are removed; of one that never became ready only the DEL is owed.</summary>
    private void PayOwedDetachments()
    {
        foreach (OwedRecord record in _saved.Owed)
        {
            string id = record.Pod.Id;
            if (state.Pods.Current.GetValueOrDefault(id) is not { } pod)
            {
                if (owedRecords.Exists(id))
                    Pay(record, () => owedRecords.Delete(id));
            }
            else if (pod.FromLastBoot)
            {
                Pay(record, () => state.Pods.TryTransition(id, SandboxTransitions.Detached));
            }
        }
    }

    private void Pay(OwedRecord record, Action paid)
    {
        if (record.NetnsPath.Length == 0)
            paid();
        else
            detachments.Retry(record.Pod, record.NetnsPath, paid);
    }
}
