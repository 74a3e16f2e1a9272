namespace CriRuntime.Cni;

/// <summary>What went wrong with a CNI operation.</summary>
public enum CniFailure
{
    /// <summary>No usable network configuration.</summary>
    NoNetwork,

    /// <summary>The request cannot be expressed in CNI (a bad id, a value with ';' or '=').</summary>
    InvalidRequest,

    /// <summary>The plugin binary is missing or cannot be executed.</summary>
    PluginMissing,

    /// <summary>The plugin ran into its time limit and was killed.</summary>
    TimedOut,

    /// <summary>The plugin died by a signal.</summary>
    Crashed,

    /// <summary>The plugin answered with something that is not a CNI result, or with too much.</summary>
    InvalidOutput,

    /// <summary>The plugin reported an error.</summary>
    PluginError,

    /// <summary>The record of the attachment could not be written or removed.</summary>
    Cache,

    /// <summary>The configuration's cniVersion does not know the command.</summary>
    Unsupported,
}

/// <summary>A CNI operation that failed. The message names command, plugin, network and pod, and the plugin's own words.</summary>
public sealed class CniException : Exception
{
    public CniException(CniFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    public CniFailure Failure { get; }

    /// <summary>ADD, DEL, CHECK, GC, STATUS or VERSION; null where no plugin was called.</summary>
    public string? Command { get; init; }

    /// <summary>The plugin's type as the configuration names it.</summary>
    public string? Plugin { get; init; }

    public string? Network { get; init; }

    /// <summary><c>namespace/name</c> of the pod; null for GC, STATUS and VERSION.</summary>
    public string? Pod { get; init; }

    /// <summary>The plugin's error code (CNI spec section "Error": 1-99 reserved by the specification, 100+ the plugin's own).</summary>
    public int? Code { get; init; }

    /// <summary>The same failure with more to say.</summary>
    internal CniException WithAddition(string text) =>
        new(Failure, Message + text, this) { Command = Command, Plugin = Plugin, Network = Network, Pod = Pod, Code = Code };
}
