using System.Globalization;
using CriRuntime.CriServer.Containers;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>Writes what an archive says of its container, beside criu's images and the writable layer.</summary>
internal static class CheckpointContent
{
    /// <param name="directory">The archive to be.</param>
    /// <param name="container">What was saved.</param>
    /// <param name="spec">Its specification.</param>
    /// <param name="mounts">What was left out.</param>
    /// <param name="streams">Where descriptors 0 to 2 lead.</param>
    /// <param name="now">Nanoseconds since the epoch.</param>
    internal static void Write(string directory, Container container, Spec spec, IReadOnlyList<ExternalMount> mounts, IReadOnlyList<string> streams, long now)
    {
        ContainerConfig config = container.Config;
        ConfigDump dump = new()
        {
            Id = container.Id,
            Name = config.Metadata.Name,
            RootfsImage = container.ImageId,
            RootfsImageRef = container.ImageRef,
            RootfsImageName = config.UserSpecifiedImage.Length > 0 ? config.UserSpecifiedImage : config.Image,
            Runtime = "criruntime",
            CreatedTime = Time(container.CreatedAt),
            CheckpointedTime = Time(now),
        };
        CheckpointDocuments.Write(Path.Join(directory, CheckpointNames.Config), dump, CheckpointJson.Default.ConfigDump);
        StatusDump status = new(container.Pid, container.CreatedAt, container.StartedAt, 0, 0, "", "");
        CheckpointDocuments.Write(Path.Join(directory, CheckpointNames.Status), status, CheckpointJson.Default.StatusDump);
        IReadOnlyList<BindMount> binds = [.. mounts.Select(mount => new BindMount(mount.Source, mount.Key))];
        CheckpointDocuments.Write(Path.Join(directory, CheckpointNames.BindMounts), binds, CheckpointJson.Default.IReadOnlyListBindMount);
        CheckpointDocuments.Write(
            Path.Join(directory, CheckpointNames.Images, CheckpointNames.Descriptors), streams, CheckpointJson.Default.IReadOnlyListString);
        File.WriteAllBytes(Path.Join(directory, CheckpointNames.Spec), SpecJson.Write(spec with { Annotations = Annotations(container, spec) }));
    }

    /// <summary>By these, containerd's, tools know whose archive it is.</summary>
    private static Dictionary<string, string> Annotations(Container container, Spec spec) => new(spec.Annotations, StringComparer.Ordinal)
    {
        ["io.kubernetes.cri.container-name"] = container.Config.Metadata.Name,
        ["io.kubernetes.cri.container-type"] = "container",
        ["io.kubernetes.cri.sandbox-id"] = container.SandboxId,
        ["io.kubernetes.cri.image-name"] = container.ImageRef,
        ["io.kubernetes.cri.container-attempt"] = container.Config.Metadata.Attempt.ToString(CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset Time(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}
