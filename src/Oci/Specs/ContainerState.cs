using System.Collections.ObjectModel;

namespace CriRuntime.Oci.Specs;

/// <summary>The state of a container (runtime.md, State), as hooks get it on stdin and <c>state</c> prints it.</summary>
public sealed record ContainerState
{
    private readonly string? ociVersion;
    private readonly string? id;
    private readonly string? status;
    private readonly string? bundle;
    private readonly IReadOnlyDictionary<string, string>? annotations;

    public IReadOnlyDictionary<string, string> Annotations { get => annotations ?? ReadOnlyDictionary<string, string>.Empty; init => annotations = value; }

    public string OciVersion { get => ociVersion ?? ""; init => ociVersion = value; }

    public string Id { get => id ?? ""; init => id = value; }

    /// <summary>One of <see cref="ContainerStatus"/>.</summary>
    public string Status { get => status ?? ""; init => status = value; }

    /// <summary>Of the container's init in the runtime's pid namespace; null when it has none.</summary>
    public int? Pid { get; init; }

    /// <summary>Absolute path.</summary>
    public string Bundle { get => bundle ?? ""; init => bundle = value; }
}
