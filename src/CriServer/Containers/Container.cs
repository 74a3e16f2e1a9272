using System.Text.Json.Serialization;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// A container at one moment; immutable. <see cref="ContainerTransitions"/> says who may change what.
/// <code>
///             CreateContainer            StartContainer          exit
/// (intent) ──> Creating ──────> Created ──────────────> Running ──────> Exited
///                 │ failed,        │ start failed, or      │ monitor      │
///                 v undone         │ killed before         │ lost:        │
///               (gone)             └───────────────────────┴─ Exited      │
///                                                                         v
///                              (gone) &lt;── Removing &lt;── RemoveContainer (from any phase, killed first)
/// </code>
/// </summary>
public sealed record Container
{
    /// <summary>Version of this file format; newer ones are not read.</summary>
    public int Version { get; init; } = 1;

    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required string SandboxId { get; init; }

    public required ContainerConfig Config { get; init; }

    public ContainerPhase Phase { get; init; }

    /// <summary>The digest that identifies the image's configuration, <c>sha256:...</c>.</summary>
    public string ImageId { get; init; } = "";

    /// <summary>The image as the CRI's image_ref reports it: a repository digest where there is one.</summary>
    public string ImageRef { get; init; } = "";

    /// <summary>The ids of the images that it mounts, by the name in the request; null where there are none.</summary>
    public SortedDictionary<string, string>? ImageVolumes { get; init; }

    /// <summary>Where the checkpoint lies from which it is restored when it is started; null: it is started from its image.</summary>
    public string? RestoredFrom { get; init; }

    /// <summary>The init process in the host's pid namespace; 0 before it was created and after it ended.</summary>
    public int Pid { get; init; }

    /// <summary>Nanoseconds since the epoch; 0: not yet. So are the other two.</summary>
    public long CreatedAt { get; init; }

    public long StartedAt { get; init; }

    public long FinishedAt { get; init; }

    /// <summary>0 to 255; 128 + n for death by signal n.</summary>
    public int ExitCode { get; init; }

    /// <summary>One CamelCase word: Completed, Error, OOMKilled, StartError, Unknown.</summary>
    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";

    /// <summary>Absolute; empty: the output is dropped.</summary>
    public string LogPath { get; init; } = "";

    public string CgroupPath { get; init; } = "";

    public ResolvedUser User { get; init; } = ResolvedUser.Root;

    /// <summary>The block I/O class whose limits are in the spec; null: none.</summary>
    public string? BlockIoClass { get; init; }

    /// <summary>The RDT class it was made in, as it was asked for; null: none.</summary>
    public string? RdtClass { get; init; }

    /// <summary>What ends the container politely, e.g. 15.</summary>
    public int StopSignal { get; init; } = 15;

    /// <summary>
    /// Made by an earlier daemon, which may have died before it answered: the retry of the request that made it gets it. Not on disk; true of all that is
    /// adopted at start.
    /// </summary>
    [JsonIgnore]
    public bool Inherited { get; init; }

    /// <summary>What an update has made of the requested resources; null: nothing yet. The configuration stays as requested.</summary>
    public ContainerResources? UpdatedResources { get; init; }

    /// <summary>The resources that are in force.</summary>
    public ContainerResources Resources => UpdatedResources ?? Config.Resources;

    /// <summary>What may exist once in a pod.</summary>
    public string Key => KeyOf(SandboxId, Config.Metadata);

    public bool IsAlive => Phase is ContainerPhase.Created or ContainerPhase.Running;

    public static string KeyOf(string sandboxId, ContainerMetadata metadata) => $"{sandboxId}/{metadata.Name}/{metadata.Attempt}";

    public override string ToString() => $"container {Id} ({Config.Metadata.Name})";
}

/// <inheritdoc cref="Container"/>
public enum ContainerPhase
{
    Creating,
    Created,
    Running,
    Exited,
    Removing,
}
