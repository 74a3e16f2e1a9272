using System.Text.Json;
using System.Text.RegularExpressions;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Images;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>A checkpoint that was unpacked to restore one container from it. Everything in it was written by anybody.</summary>
/// <param name="Directory">Of its own, on disk.</param>
/// <param name="Image">The image that the container was made of, which is on the node.</param>
/// <param name="Mounts">The keys of the mounts that are not in it.</param>
/// <param name="Streams">What descriptors 0 to 2 led to, by criu's names; empty for what is in it.</param>
/// <param name="SharesPids">The container was in its pod's pid namespace.</param>
public sealed partial record Checkpoint(string Directory, ContainerImage Image, IReadOnlyList<string> Mounts, IReadOnlyList<string> Streams, bool SharesPids)
{
    /// <summary>criu writes the restored process's pid there.</summary>
    public string PidFile => PidFileIn(Directory);

    /// <inheritdoc cref="PidFile"/>
    public static string PidFileIn(string directory) => Path.Join(directory, "pid");

    /// <summary>What the container had written comes into its writable layer.</summary>
    /// <exception cref="CriException">InvalidArgument: it is corrupt or hostile.</exception>
    public async Task ApplyRootfsAsync(RootfsLayers rootfs)
    {
        string path = Path.Join(Directory, CheckpointNames.RootfsDiff);
        if (!File.Exists(path))
            return;
        try
        {
            using FileStream diff = File.OpenRead(path);
            await TarArchives.UnpackLayerAsync(diff, rootfs.UpperDir, rootfs.UpperDir + ".spill", CancellationToken.None).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new CriException(CriErrorKind.InvalidArgument, $"the checkpoint's {CheckpointNames.RootfsDiff} is corrupt: {e.Message}", e);
        }
    }

    /// <summary>criu for a container.</summary>
    /// <exception cref="CriException">FailedPrecondition: the container lacks what the checkpoint has.</exception>
    public RestoringProgram Program(string criu, Spec spec, string root, IReadOnlyList<CgroupDirectory> cgroups)
    {
        PidNamespaces.CheckSame(SharesPids, spec);
        TerminalName.CheckSame(Streams, spec);
        string? console = spec.Process is { Terminal: true } ? MakeConsoleFile() : null;
        IReadOnlyList<string> command = CriuCommand.Restore(new CriuRestore
        {
            Criu = criu,
            PidFile = PidFile,
            Root = root,
            Images = Path.Join(Directory, CheckpointNames.Images),
            Work = Directory,
            Mounts = ExternalMounts.Sources(Mounts, spec, cgroups, console),
            Streams = Streams,
            SharedPids = PidNamespaces.SharedIn(spec),
        });
        return new RestoringProgram(command, console);
    }

    /// <summary>Something for the terminal to cover.</summary>
    private string MakeConsoleFile()
    {
        string path = Path.Join(Directory, "console");
        File.WriteAllBytes(path, []);
        return path;
    }

    /// <param name="directory">Where it was unpacked.</param>
    /// <param name="images">Where its image must be.</param>
    /// <exception cref="CriException">InvalidArgument: it is none, or damaged. NotFound: its image is not on the node.</exception>
    public static Checkpoint Read(string directory, IContainerImages images)
    {
        string imageDirectory = Path.Join(directory, CheckpointNames.Images);
        if (!File.Exists(Path.Join(imageDirectory, CheckpointNames.Inventory)))
            throw CriException.InvalidArgument($"it is no checkpoint of a container: there is no {CheckpointNames.Images}/{CheckpointNames.Inventory} in it");
        ConfigDump config = CheckpointDocuments.Read(directory, CheckpointNames.Config, CheckpointJson.Default.ConfigDump);
        IReadOnlyList<BindMount> mounts = CheckpointDocuments.Read(directory, CheckpointNames.BindMounts, CheckpointJson.Default.IReadOnlyListBindMount);
        IReadOnlyList<string> streams = CheckpointDocuments.Read(imageDirectory, CheckpointNames.Descriptors, CheckpointJson.Default.IReadOnlyListString);
        string[] names = [config.RootfsImageRef, config.RootfsImage, config.RootfsImageName];
        ContainerImage image = names.Where(name => name.Length > 0 && name[0] != '/').Select(images.Find).FirstOrDefault(found => found is not null)
            ?? throw CriException.NotFound($"the checkpoint was made of image {Sandboxes.TextLimits.Shorten(config.RootfsImageName)} ({Sandboxes.TextLimits.Shorten(config.RootfsImage)}), which is not on this node; pull it first");
        Spec saved = ReadSpec(directory);
        return new Checkpoint(
            directory,
            WithCommand(image, saved),
            [.. mounts.Select(mount => mount?.Destination ?? "").Distinct()],
            [.. streams.Take(3).Select(s => StreamName().IsMatch(s ?? "") ? s! : "")],
            PidNamespaces.SharedIn(saved) is not null);
    }

    /// <summary>A pod that names no command, for an image without one, is restored with the command that the container had: execs and status need one.</summary>
    private static ContainerImage WithCommand(ContainerImage image, Spec saved) =>
        image.Entrypoint.Count + image.Command.Count > 0 ? image : image with { Command = saved.Process?.Args ?? [] };

    private static Spec ReadSpec(string directory)
    {
        CheckpointDocuments.CheckSize(directory, CheckpointNames.Spec);
        try
        {
            return SpecJson.Load(Path.Join(directory, CheckpointNames.Spec));
        }
        catch (Exception e) when (e is IOException or JsonException or SpecException)
        {
            throw new CriException(CriErrorKind.InvalidArgument, $"the checkpoint's {CheckpointNames.Spec} can't be read: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"^(pipe:\[[0-9]{1,20}\]|(file|tty)\[[0-9a-f]{1,16}:[0-9a-f]{1,16}\])\z")]
    private static partial Regex StreamName();
}
