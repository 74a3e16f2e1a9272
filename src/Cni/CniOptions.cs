namespace CriRuntime.Cni;

/// <summary>Where networks are configured and how long a plugin may take. Fixed for the life of a <see cref="CniNetworks"/>.</summary>
public sealed record CniOptions
{
    /// <summary>Directory of network configurations, usually /etc/cni/net.d. Need not exist yet.</summary>
    public required string ConfDir { get; init; }

    /// <summary>Directories searched for plugin binaries, first match wins; handed to plugins as CNI_PATH.</summary>
    public required IReadOnlyList<string> BinDirs { get; init; }

    /// <summary>
    /// Directory whose <c>results/</c> holds one file per attachment, in libcni's format. It must survive a reboot
    /// (a DEL is owed then) and belong to one daemon alone: GC deletes every attachment in it that is not known to be valid.
    /// </summary>
    public required string CacheDir { get; init; }

    /// <summary>How long one plugin may run for one command; then its process group is killed.</summary>
    public TimeSpan PluginTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the answer of STATUS (CNI 1.1) is trusted before readiness asks again.</summary>
    public TimeSpan StatusLifetime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long GC waits for a moment without an ADD or DEL before it gives up until the next time.</summary>
    public TimeSpan GcPatience { get; init; } = TimeSpan.FromSeconds(10);
}
