namespace CriRuntime.Images.Manifests;

/// <summary>
/// Chooses the entry of an index for a platform. Entries for other systems, attestations (platform
/// <c>unknown/unknown</c>) and artifacts never match; of several variants the newest that the machine runs wins.
/// </summary>
public static class PlatformSelector
{
    private const string AttestationKey = "vnd.docker.reference.type";

    /// <exception cref="ImageException">NotFound: nothing for the platform; the message lists what there is.</exception>
    public static Descriptor Select(ImageIndex index, Platform wanted)
    {
        Descriptor? best = null;
        int bestRank = int.MaxValue;
        foreach (Descriptor entry in index.Manifests)
        {
            int rank = Rank(entry, wanted);
            if (rank < bestRank)
                (best, bestRank) = (entry, rank);
        }
        return best ?? throw new ImageException(
            ImageErrorKind.NotFound, $"it has no image for {wanted}; it has {Offered(index)}");
    }

    /// <summary>0 is best; int.MaxValue does not run here. An entry that names no platform is the last resort.</summary>
    private static int Rank(Descriptor entry, Platform wanted)
    {
        bool isImage = MediaTypes.IsManifest(entry.MediaType) || MediaTypes.IsIndex(entry.MediaType);
        if (!isImage || entry.ArtifactType is not null || entry.Annotations?.ContainsKey(AttestationKey) == true)
            return int.MaxValue;
        if (entry.Platform is null or { Os: null or "", Architecture: null or "" })
            return 1000;
        if (entry.Platform.Os != wanted.Os || entry.Platform.Architecture != wanted.Architecture)
            return int.MaxValue;
        return VariantRank(VariantNumber(entry.Platform), VariantNumber(wanted));
    }

    /// <summary>Older variants run on newer machines, not the other way round.</summary>
    private static int VariantRank(int offered, int wanted) => offered <= wanted ? wanted - offered : int.MaxValue;

    /// <summary>The 7 of arm/v7; the architecture's common variant where none is named.</summary>
    private static int VariantNumber(Platform platform) => platform.Variant switch
    {
        ['v', var digit] when char.IsAsciiDigit(digit) => digit - '0',
        null or "" => platform.Architecture switch { "arm64" => 8, "arm" => 7, _ => 1 },
        _ => int.MaxValue,
    };

    private static string Offered(ImageIndex index)
    {
        string[] platforms = [.. index.Manifests
            .Where(m => m.Platform is not null and not { Os: "unknown" })
            .Select(m => References.Quoted.Text(m.Platform!.ToString(), 40)).Distinct().Take(20)];
        return platforms.Length == 0 ? "none" : string.Join(", ", platforms);
    }
}
