namespace CriRuntime.Oci.Specs;

/// <summary>Capability sets by name, <c>CAP_CHOWN</c> and so on; see capabilities(7).</summary>
public sealed record LinuxCapabilities
{
    private readonly IReadOnlyList<string>? bounding;
    private readonly IReadOnlyList<string>? effective;
    private readonly IReadOnlyList<string>? inheritable;
    private readonly IReadOnlyList<string>? permitted;
    private readonly IReadOnlyList<string>? ambient;

    public IReadOnlyList<string> Bounding { get => bounding ?? []; init => bounding = value; }

    public IReadOnlyList<string> Effective { get => effective ?? []; init => effective = value; }

    public IReadOnlyList<string> Inheritable { get => inheritable ?? []; init => inheritable = value; }

    public IReadOnlyList<string> Permitted { get => permitted ?? []; init => permitted = value; }

    public IReadOnlyList<string> Ambient { get => ambient ?? []; init => ambient = value; }
}
