namespace CriRuntime.Nri.Validation;

/// <summary>What plugins may not do on this node, as containerd/nri's default validator has it.</summary>
public sealed record DefaultValidatorOptions
{
    public bool RejectOciHookAdjustment { get; init; }

    /// <summary>Of containers whose profile is RuntimeDefault.</summary>
    public bool RejectRuntimeDefaultSeccompAdjustment { get; init; }

    /// <summary>Of containers without a profile.</summary>
    public bool RejectUnconfinedSeccompAdjustment { get; init; }

    /// <summary>Of containers with a Localhost profile.</summary>
    public bool RejectCustomSeccompAdjustment { get; init; }

    public bool RejectNamespaceAdjustment { get; init; }

    public bool RejectSysctlAdjustment { get; init; }

    /// <summary>No container is made without them: names, with or without the index in front.</summary>
    public IReadOnlyList<string> RequiredPlugins { get; init; } = [];

    /// <summary>A pod's annotation that, when true, lets its containers be made without required plugins; empty: there is none.</summary>
    public string TolerateMissingPluginsAnnotation { get; init; } = "";
}
