using System.Text.Json.Serialization;

namespace CriRuntime.CriServer.Handlers;

/// <summary>
/// Who makes a pod's containers, chosen by its RuntimeClass. A pod keeps in its record the handler that it was made with: another configuration is for new pods.
/// </summary>
/// <param name="Name">As it is configured, for messages.</param>
public sealed record RuntimeHandler(string Name)
{
    /// <summary>What pods get that name no handler, unless the configuration has another default.</summary>
    public static RuntimeHandler BuiltIn { get; } = new("builtin");

    /// <summary>Another runtime's binary with runc's command line: its path, or in the configuration a name that is looked up in PATH. Empty: the built-in runtime.</summary>
    public string Path { get; init; } = "";

    /// <summary>Where the binary keeps its state; absolute.</summary>
    public string Root { get; init; } = "";

    /// <summary>The binary makes scopes by systemd, as the daemon's own driver does.</summary>
    public bool SystemdCgroup { get; init; }

    /// <summary>The binary is killed when a call takes longer.</summary>
    public int TimeoutSeconds { get; init; } = 60;

    /// <summary>Patterns of annotations that go from pods and containers into the specification; <c>*</c> stands for any characters.</summary>
    public IReadOnlyList<string> AllowedAnnotations { get; init; } = [];

    /// <summary>Privileged containers get only the devices that they ask for.</summary>
    public bool PrivilegedWithoutHostDevices { get; init; }

    [JsonIgnore]
    public bool IsBuiltIn => Path.Length == 0;

    public override string ToString() => IsBuiltIn ? $"runtime handler {Name}" : $"runtime handler {Name} ({Path})";
}
