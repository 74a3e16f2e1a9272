namespace CriRuntime.Nri.Plugins;

/// <summary>Where plugins are, and how long they may take.</summary>
public sealed record PluginHostOptions
{
    public string RuntimeName { get; init; } = "criruntime";

    public string RuntimeVersion { get; init; } = "";

    /// <summary>Where plugins connect; null: they may not.</summary>
    public string? SocketPath { get; init; } = "/var/run/nri/nri.sock";

    /// <summary>Programs named <c>NN-name</c> in here are started with the runtime. Need not exist.</summary>
    public string PluginDirectory { get; init; } = "/opt/nri/plugins";

    /// <summary>The configuration of a started plugin: <c>NN-name.conf</c>, else <c>name.conf</c>. Need not exist.</summary>
    public string ConfigDirectory { get; init; } = "/etc/nri/conf.d";

    /// <summary>From the connection to the registration; and for Synchronize, which belongs to it.</summary>
    public TimeSpan RegistrationTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For each other request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Null: no built-in validation.</summary>
    public Validation.DefaultValidatorOptions? DefaultValidator { get; init; }
}
