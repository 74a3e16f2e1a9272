namespace CriRuntime.Oci.Specs;

/// <summary>One hook program; gets the container's state as JSON on stdin.</summary>
public sealed record Hook
{
    private readonly string? path;
    private readonly IReadOnlyList<string>? args;
    private readonly IReadOnlyList<string>? env;

    /// <summary>With the program's name first, as execv(3).</summary>
    public IReadOnlyList<string> Args { get => args ?? []; init => args = value; }

    public IReadOnlyList<string> Env { get => env ?? []; init => env = value; }

    /// <summary>Absolute.</summary>
    public string Path { get => path ?? ""; init => path = value; }

    /// <summary>Seconds, above 0; null for no limit.</summary>
    public int? Timeout { get; init; }
}
