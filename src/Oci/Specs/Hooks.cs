namespace CriRuntime.Oci.Specs;

/// <summary>Programs run at points of the container's life (config.md, POSIX-platform Hooks).</summary>
public sealed record Hooks
{
    private readonly IReadOnlyList<Hook>? prestart;
    private readonly IReadOnlyList<Hook>? createRuntime;
    private readonly IReadOnlyList<Hook>? createContainer;
    private readonly IReadOnlyList<Hook>? startContainer;
    private readonly IReadOnlyList<Hook>? poststart;
    private readonly IReadOnlyList<Hook>? poststop;

    /// <summary>Deprecated by the specification; runs right before createRuntime.</summary>
    public IReadOnlyList<Hook> Prestart { get => prestart ?? []; init => prestart = value; }

    /// <summary>In the runtime's namespaces, once the container's are made.</summary>
    public IReadOnlyList<Hook> CreateRuntime { get => createRuntime ?? []; init => createRuntime = value; }

    /// <summary>In the container's namespaces, before pivot_root.</summary>
    public IReadOnlyList<Hook> CreateContainer { get => createContainer ?? []; init => createContainer = value; }

    /// <summary>In the container, before the program is executed.</summary>
    public IReadOnlyList<Hook> StartContainer { get => startContainer ?? []; init => startContainer = value; }

    public IReadOnlyList<Hook> Poststart { get => poststart ?? []; init => poststart = value; }

    public IReadOnlyList<Hook> Poststop { get => poststop ?? []; init => poststop = value; }
}
