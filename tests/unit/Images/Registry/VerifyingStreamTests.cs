using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Blobs;

namespace CriRuntime.Images.Tests.Registry;

public sealed class VerifyingStreamTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

    [Fact]
    public void Right_content_passes_and_is_verified_with_its_last_byte()
    {
        using VerifyingStream stream = Over(Content, Describe(Content));
        stream.ReadExactly(new byte[Content.Length - 1]);
        Assert.False(stream.IsVerified);
        stream.ReadExactly(new byte[1]);
        Assert.True(stream.IsVerified);
        Assert.Equal(0, stream.Read(new byte[10]));
    }

    [Fact]
    public async Task Draining_verifies_what_the_reader_left()
    {
        await using VerifyingStream stream = Over(Content, Describe(Content));
        stream.ReadExactly(new byte[10]);
        await stream.DrainAsync(default);
        Assert.True(stream.IsVerified);

        byte[] tampered = [.. Content];
        tampered[^1] ^= 1;
        await using VerifyingStream other = Over(tampered, Describe(Content));
        await Assert.ThrowsAsync<ImageException>(() => other.DrainAsync(default));
        Assert.False(other.IsVerified);
    }

    [Theory]
    [InlineData(-1, "ended after")]
    [InlineData(1, "more than")]
    public void Another_size_is_corrupt(int difference, string says)
    {
        byte[] other = new byte[Content.Length + difference];
        Content.AsSpan(0, Math.Min(Content.Length, other.Length)).CopyTo(other);
        using VerifyingStream stream = Over(other, Describe(Content));
        ImageException e = Assert.Throws<ImageException>(() => stream.CopyTo(Stream.Null));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
        Assert.Contains(says, e.Message);
    }

    private static Descriptor Describe(byte[] content) => new(MediaTypes.OciLayer, Digest.Sha256(content), content.Length);

    private static VerifyingStream Over(byte[] content, Descriptor expected) => new(new MemoryStream(content), expected);
}
