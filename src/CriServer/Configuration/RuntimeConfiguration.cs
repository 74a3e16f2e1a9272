namespace CriRuntime.CriServer.Configuration;

/// <summary>One runtime handler, which pods choose by their RuntimeClass. Null: not set.</summary>
public sealed record RuntimeConfiguration
{
    /// <summary><c>oci</c>: a binary with runc's command line; <c>builtin</c>. Null: <c>oci</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The binary: an absolute path, or a name that is looked up in PATH. Null: the handler's name.</summary>
    public string? Path { get; init; }

    /// <summary>Where the binary keeps its state. Absolute path; null: <c>runtimes/NAME</c> under the run directory.</summary>
    public string? Root { get; init; }

    /// <summary>How long one call of the binary may take, 1 to 100 seconds. Null: 60.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Annotations of pods and containers that go into the OCI specification; <c>*</c> stands for any characters. Null: none.</summary>
    public IReadOnlyList<string>? AllowedAnnotations { get; init; }

    /// <summary>Privileged containers do not get all of the host's devices. Null: they do.</summary>
    public bool? PrivilegedWithoutHostDevices { get; init; }
}
