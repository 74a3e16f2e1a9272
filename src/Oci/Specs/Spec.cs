using System.Collections.ObjectModel;

namespace CriRuntime.Oci.Specs;

/// <summary>The OCI runtime configuration, a bundle's <c>config.json</c> (runtime-spec 1.2, config.md). Collections that the JSON leaves out read as empty, and empty ones are left out of the JSON.</summary>
public sealed record Spec
{
    private readonly IReadOnlyDictionary<string, string>? annotations;
    private readonly IReadOnlyList<Mount>? mounts;

    /// <summary>Free-form metadata; keys are reverse-domain names.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => annotations ?? ReadOnlyDictionary<string, string>.Empty; init => annotations = value; }

    /// <summary>In the order in which they are to be made.</summary>
    public IReadOnlyList<Mount> Mounts { get => mounts ?? []; init => mounts = value; }

    /// <summary>The version of the runtime specification, SemVer 2.0; required.</summary>
    public string? OciVersion { get; init; }

    /// <summary>What runs in the container; may be absent until the container is started.</summary>
    public Process? Process { get; init; }

    /// <summary>The root filesystem; required on Linux.</summary>
    public Root? Root { get; init; }

    /// <summary>As seen in the container; needs a new or joined uts namespace.</summary>
    public string? Hostname { get; init; }

    /// <summary>NIS domain name as seen in the container; needs a uts namespace.</summary>
    public string? Domainname { get; init; }

    /// <summary>Programs to run at points of the container's life.</summary>
    public Hooks? Hooks { get; init; }

    /// <summary>Everything that only Linux has (config-linux.md).</summary>
    public LinuxSection? Linux { get; init; }
}
