using System.Security.Cryptography;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Tests.References;

public sealed class DigestTests
{
    private const string OfNothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_digest_is_its_algorithm_and_hex()
    {
        Digest digest = Digest.Parse(OfNothing);
        Assert.Equal("sha256", digest.Algorithm);
        Assert.Equal(OfNothing, digest.ToString());
        Assert.Equal(digest, Digest.Sha256([]));
        Assert.Equal(digest, digest.Of([]));
    }

    [Fact]
    public void Sha512_digests_are_computed_as_such()
    {
        Digest digest = Digest.Parse("sha512:" + Convert.ToHexStringLower(SHA512.HashData("x"u8)));
        Assert.Equal(digest, digest.Of("x"u8));
        Assert.NotEqual(digest, digest.Of("y"u8));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256")]
    [InlineData("sha256:")]
    [InlineData("sha256:../../../etc/passwd")]
    [InlineData("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(OfNothing + "0")]
    public void Anything_else_is_no_digest(string? text) => Assert.False(Digest.TryParse(text, out _));
}
