namespace CriRuntime.CriServer.Configuration;

/// <summary>Plugins that adjust pods and containers (Node Resource Interface).</summary>
public sealed record NriConfiguration
{
    public bool Enable { get; init; } = true;

    /// <summary>Where plugins connect. Absolute path.</summary>
    public string Socket { get; init; } = "/var/run/nri/nri.sock";

    /// <summary>Plugins that are started with the daemon: programs named <c>NN-name</c>. Absolute path; need not exist.</summary>
    public string PluginDir { get; init; } = "/opt/nri/plugins";

    /// <summary>Their configurations, <c>NN-name.conf</c> or <c>name.conf</c>. Absolute path; need not exist.</summary>
    public string ConfigDir { get; init; } = "/etc/nri/conf.d";

    /// <summary>How long a plugin may take for a request, 1 to 60.</summary>
    public int RequestTimeoutSeconds { get; init; } = 2;

    /// <summary>How long it may take to register, and to synchronize, 1 to 60.</summary>
    public int RegistrationTimeoutSeconds { get; init; } = 5;

    /// <summary>No socket: only started plugins.</summary>
    public bool DisableConnections { get; init; }

    public NriValidatorConfiguration DefaultValidator { get; init; } = new();
}

/// <summary>What plugins may not do on this node: containers that they have adjusted so are not made.</summary>
public sealed record NriValidatorConfiguration
{
    public bool Enable { get; init; }

    public bool RejectOciHooks { get; init; }

    /// <summary>A seccomp policy instead of RuntimeDefault.</summary>
    public bool RejectRuntimeDefaultSeccomp { get; init; }

    /// <summary>A seccomp policy where there was none.</summary>
    public bool RejectUnconfinedSeccomp { get; init; }

    /// <summary>A seccomp policy instead of a Localhost profile.</summary>
    public bool RejectCustomSeccomp { get; init; }

    public bool RejectNamespaces { get; init; }

    public bool RejectSysctls { get; init; }

    /// <summary>Plugins without which no container is made, with or without their index.</summary>
    public IReadOnlyList<string> RequiredPlugins { get; init; } = [];

    /// <summary>A pod's annotation that, when true, lets its containers be made without required plugins; empty: none.</summary>
    public string TolerateMissingPluginsAnnotation { get; init; } = "";
}
