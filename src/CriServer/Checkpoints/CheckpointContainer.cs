using System.Diagnostics;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.State;
using CriRuntime.Images;
using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// CheckpointContainer: criu saves the processes, and while they stand still the writable layer is saved; they go on; all of it becomes an archive, which appears by rename.
/// <code>
///   running ──criu──▶ saved, standing still ──writable layer──▶ running ──archive, rename──▶ (answered)
/// </code>
/// </summary>
public sealed class CheckpointContainer(
    RuntimeState state, ContainerSpecs specs, IContainerImages images, Criu criu, CheckpointDirectories directories, Telemetry telemetry,
    ILogger<CheckpointContainer> logger)
{
    /// <summary>What the CRI calls the runtime's default, for a timeout of 0.</summary>
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(4);

    /// <param name="idOrPrefix">The container.</param>
    /// <param name="location">Absolute; replaced where it exists.</param>
    /// <param name="timeoutSeconds">0: the default. When it has passed, nothing will appear; criu is let come to its end, for it has its code in the container's processes.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="CriException">FailedPrecondition: it does not run, or criu or the kernel can't; DeadlineExceeded.</exception>
    public async Task ExecuteAsync(string idOrPrefix, string location, long timeoutSeconds, CancellationToken cancellationToken)
    {
        string id = state.Containers.Get(idOrPrefix).Id;
        CheckpointValidation.CheckRunning(state.Containers.Get(id));
        CheckpointValidation.CheckLocation("location", location);
        if (timeoutSeconds < 0)
            throw CriException.InvalidArgument($"timeout is {timeoutSeconds}: it must not be negative");
        TimeSpan patience = timeoutSeconds == 0 ? DefaultLimit : TimeSpan.FromSeconds(Math.Min(timeoutSeconds, 86400));
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        Task work = Spans.RunAsync("container.checkpoint", _ => CheckpointAsync(id, location, limit.Token));
        try
        {
            await work.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CriException(CriErrorKind.DeadlineExceeded, $"container {id} was not checkpointed within {patience.TotalSeconds} s; it goes on, and nothing is left of the checkpoint");
        }
    }

    private async Task CheckpointAsync(string id, string location, CancellationToken limit)
    {
        using IDisposable held = await state.ContainerLocks.AcquireAsync(id, limit).ConfigureAwait(false);
        Container container = state.Containers.Get(id);
        string work = directories.MakeTemporary();
        long began = Stopwatch.GetTimestamp();
        try
        {
            await SaveAsync(container, work, limit).ConfigureAwait(false);
            long bytes = await Spans.RunAsync("checkpoint.archive", _ => CheckpointArchive.WriteAsync(Path.Join(work, "archive"), location, limit)).ConfigureAwait(false);
            telemetry.Checkpointed(succeeded: true, Stopwatch.GetElapsedTime(began), bytes);
            CheckpointLog.Saved(logger, id, location, bytes);
        }
        catch (Exception e)
        {
            telemetry.Checkpointed(succeeded: false, Stopwatch.GetElapsedTime(began), 0);
            CheckpointLog.NotSaved(logger, id, e.Message);
            if (e is LinuxException or IOException or UnauthorizedAccessException)
                throw new CriException(CriErrorKind.FailedPrecondition, $"{container} was not checkpointed to {location}: {e.Message}", e);
            throw;
        }
        finally
        {
            CheckpointDirectories.Remove(work);
        }
    }

    /// <summary>Fills the directory <c>archive</c> below <paramref name="work"/>.</summary>
    private async Task SaveAsync(Container container, string work, CancellationToken limit)
    {
        CheckpointValidation.CheckRunning(container);
        Spec spec = specs.Get(container);
        CheckpointValidation.CheckKind(container, spec);
        RootfsLayers rootfs = images.FindSnapshot(container.Id) ?? throw CriException.Internal($"{container} has no writable layer");
        string archive = Path.Join(work, "archive");
        Directory.CreateDirectory(Path.Join(archive, CheckpointNames.Images));
        ContainerView view = ContainerView.Read(container.Pid, spec);
        if (PidNamespaces.SharedIn(spec) is not null)
            ProcessTree.CheckWhole(container.Pid, ProcessesOf(container));
        IReadOnlyList<ExternalMount> mounts = ExternalMounts.Find(view.Mounts, spec, view.BindIds);
        using (DumpPause pause = new(work))
        {
            CriuDump dump = Describe(container, spec, archive, view, mounts, pause.Script);
            await Spans.RunAsync("checkpoint.criu", _ => DumpAsync(container, dump, pause, () => SaveRootfsAsync(rootfs, archive, limit), limit)).ConfigureAwait(false);
        }

        CheckpointContent.Write(archive, container, spec, mounts, view.Streams, state.Now());
    }

    private CriuDump Describe(
        Container container, Spec spec, string archive, ContainerView view, IReadOnlyList<ExternalMount> mounts, string script) => new()
        {
            Criu = criu.Path,
            NsEnter = Criu.NsEnter,
            Namespaces = [.. Entered(spec)],
            Pid = container.Pid,
            Images = Path.Join(archive, CheckpointNames.Images),
            Work = archive,
            ActionScript = script,
            Mounts = mounts,
            Streams = view.Streams,
            SharedPids = PidNamespaces.SharedIn(spec) is null ? null : view.PidNamespace,
        };

    private static IReadOnlyList<int> ProcessesOf(Container container) =>
        CgroupProcesses.ListTree(CgroupPlacement.For(CgroupHierarchy.Detect(), container.CgroupPath).Directories[0].Path);

    private static IEnumerable<EnteredNamespace> Entered(Spec spec)
    {
        foreach (LinuxNamespace ns in spec.Linux?.Namespaces ?? [])
        {
            string? kind = ns.Type switch { LinuxNamespaceType.Network => "net", LinuxNamespaceType.Ipc => "ipc", LinuxNamespaceType.Uts => "uts", _ => null };
            if (kind is not null && ns.Path is { Length: > 0 } path)
                yield return new EnteredNamespace(kind, path);
        }
    }

    /// <summary>Waits for criu however long it takes: it is not to be killed.</summary>
    private static async Task DumpAsync(Container container, CriuDump dump, DumpPause pause, Func<Task> standingStill, CancellationToken limit)
    {
        using SpawnedProcess process = Criu.Start(CriuCommand.Dump(dump));
        try
        {
            if (await pause.ReachAsync(process.Exited).ConfigureAwait(false))
                await standingStill().ConfigureAwait(false);
        }
        finally
        {
            pause.Dispose();
            await process.Exited.ConfigureAwait(false);
        }

        limit.ThrowIfCancellationRequested();
        ExitStatus status = await process.Exited.ConfigureAwait(false);
        if (status.ExitCode != 0)
        {
            throw CriException.FailedPrecondition(
                $"{container} was not checkpointed, and goes on: criu ({dump.Criu}) or this kernel can't: {CriuLog.Errors(Path.Join(dump.Work, CheckpointNames.DumpLog))}");
        }
    }

    private static async Task SaveRootfsAsync(RootfsLayers rootfs, string archive, CancellationToken limit)
    {
        using FileStream diff = CheckpointArchive.Create(Path.Join(archive, CheckpointNames.RootfsDiff));
        IReadOnlyList<string> deleted = await TarArchives.PackAsync(rootfs.UpperDir, diff, limit).ConfigureAwait(false);
        CheckpointDocuments.Write(Path.Join(archive, CheckpointNames.DeletedFiles), deleted, CheckpointJson.Default.IReadOnlyListString);
    }
}
