using System.Diagnostics.CodeAnalysis;

namespace CriRuntime.Images.References;

/// <summary>
/// The name of an image in a registry, normalised as docker, containerd and cri-o do (distribution/reference):
/// <c>busybox</c> is <c>docker.io/library/busybox:latest</c>. Immutable, compared by value.
/// </summary>
public sealed record Reference
{
    /// <summary>Where a name without a registry belongs.</summary>
    public const string DefaultDomain = "docker.io";

    /// <summary>The tag of a name that has neither tag nor digest.</summary>
    public const string DefaultTag = "latest";

    internal const string OfficialPrefix = "library/";

    internal Reference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry's host with its port if one was given; <c>docker.io</c> for Docker Hub by any of its names.</summary>
    public string Domain { get; }

    /// <summary>The repository within the registry, such as <c>library/busybox</c>.</summary>
    public string Path { get; }

    /// <summary>The tag, <c>latest</c> where neither tag nor digest was given; null for a name by digest only.</summary>
    public string? Tag { get; }

    /// <summary>The digest that the image must have; where there is one, it wins over the tag.</summary>
    public Digest? Digest { get; }

    /// <summary>Registry and repository, without tag and digest: <c>docker.io/library/busybox</c>.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary><c>name:tag</c>, as the CRI's repo_tags wants it; null without a tag.</summary>
    public string? RepoTag => Tag is null ? null : $"{Name}:{Tag}";

    /// <summary>The short form that people write: <c>busybox:latest</c>, <c>quay.io/a/b:1</c>.</summary>
    public string Familiar => FamiliarName() + Suffix();

    /// <exception cref="ImageException">InvalidArgument, naming the text (cut if huge) and what is wrong with it.</exception>
    public static Reference Parse(string text) => TryParse(text, out Reference? reference, out string? error)
        ? reference
        : throw new ImageException(
            ImageErrorKind.InvalidArgument, $"invalid image reference {Quoted.Name(text)}: {error}");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Reference? reference) =>
        TryParse(text, out reference, out _);

    /// <summary>As <see cref="Parse"/>, but says in <paramref name="error"/> what is wrong instead of throwing.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out Reference? reference,
        [NotNullWhen(false)] out string? error)
    {
        error = ReferenceGrammar.Read(text, out reference);
        return error is null;
    }

    /// <summary><c>name@digest</c>, as the CRI's repo_digests wants it.</summary>
    public string RepoDigest(Digest digest) => $"{Name}@{digest}";

    /// <summary>The same repository by digest, without a tag.</summary>
    public Reference ByDigest(Digest digest) => new(Domain, Path, null, digest);

    /// <summary>The full normalised form: name, then <c>:tag</c> and <c>@digest</c> where there are any.</summary>
    public override string ToString() => Name + Suffix();

    private string Suffix() => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    private string FamiliarName()
    {
        if (Domain != DefaultDomain)
            return Name;
        bool official = Path.StartsWith(OfficialPrefix, StringComparison.Ordinal)
            && !Path.AsSpan(OfficialPrefix.Length).Contains('/');
        return official ? Path[OfficialPrefix.Length..] : Path;
    }
}
