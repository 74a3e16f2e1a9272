using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Tests.Manifests;

public sealed class PlatformSelectorTests
{
    private static readonly Platform Amd64 = new() { Os = "linux", Architecture = "amd64" };
    private static readonly Platform ArmV7 = new() { Os = "linux", Architecture = "arm", Variant = "v7" };

    [Fact]
    public void The_entry_of_the_platform_is_chosen()
    {
        Descriptor chosen = Select(Amd64, Entry("windows", "amd64"), Entry("linux", "arm64", "v8"), Entry("linux", "amd64"));
        Assert.Equal("linux/amd64", chosen.Platform!.ToString());
    }

    [Fact]
    public void The_newest_variant_that_runs_here_is_chosen()
    {
        Assert.Equal("v6", Select(ArmV7, Entry("linux", "arm", "v5"), Entry("linux", "arm", "v6"), Entry("linux", "arm", "v8")).Platform!.Variant);
        Assert.Null(Select(Amd64, Entry("linux", "amd64", "v3"), Entry("linux", "amd64")).Platform!.Variant);
        Platform arm64 = new() { Os = "linux", Architecture = "arm64", Variant = "v8" };
        Assert.Null(Select(arm64, Entry("linux", "arm64")).Platform!.Variant);
    }

    [Fact]
    public void Attestations_and_unknown_platforms_are_never_chosen()
    {
        Descriptor attestation = Entry("linux", "amd64") with
        {
            Annotations = new Dictionary<string, string> { ["vnd.docker.reference.type"] = "attestation-manifest" },
        };
        ImageException e = Assert.Throws<ImageException>(
            () => Select(Amd64, attestation, Entry("unknown", "unknown"), Entry("linux", "s390x")));
        Assert.Equal(ImageErrorKind.NotFound, e.Kind);
        Assert.Contains("no image for linux/amd64", e.Message);
        Assert.Contains("linux/s390x", e.Message);
    }

    [Fact]
    public void An_entry_without_a_platform_is_the_last_resort()
    {
        Descriptor unnamed = Entry("linux", "amd64") with { Platform = null };
        Assert.Same(unnamed, Select(Amd64, unnamed, Entry("windows", "amd64")));
        Assert.NotSame(unnamed, Select(Amd64, unnamed, Entry("linux", "amd64")));
    }

    private static Descriptor Select(Platform wanted, params Descriptor[] entries) =>
        PlatformSelector.Select(new ImageIndex { SchemaVersion = 2, Manifests = entries }, wanted);

    private static Descriptor Entry(string os, string architecture, string? variant = null) =>
        new(MediaTypes.OciManifest, Digest.Sha256([]), 2)
        {
            Platform = new Platform { Os = os, Architecture = architecture, Variant = variant },
        };
}
