using CriRuntime.Images.Content;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests.Content;

public sealed class ContentStoreTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Content_is_kept_by_digest_in_an_OCI_layout()
    {
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using var store = new ContentStore(root);
        Digest digest = Digest.Sha256("{}"u8);
        store.Write(digest, "{}"u8);

        Assert.Equal("{}"u8.ToArray(), store.TryRead(digest));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(_tree.Path, "blobs", "sha256", digest.Hex)));
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", File.ReadAllText(Path.Combine(_tree.Path, "oci-layout")));
    }

    [Fact]
    public void Content_that_lies_about_its_digest_is_refused()
    {
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using var store = new ContentStore(root);

        Assert.Throws<ImageException>(() => store.Write(Digest.Sha256("a"u8), "b"u8));
        Assert.Null(store.TryRead(Digest.Sha256("a"u8)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    public void Content_that_a_power_cut_tore_counts_as_missing_and_is_written_again(string torn)
    {
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using var store = new ContentStore(root);
        Digest digest = Digest.Sha256("{}"u8);
        File.WriteAllText(Path.Combine(_tree.Path, "blobs", "sha256", digest.Hex), torn);

        Assert.Null(store.TryRead(digest));
        store.Write(digest, "{}"u8);
        Assert.NotNull(store.TryRead(digest));
    }

    [Fact]
    public void Unfinished_and_unwanted_files_go()
    {
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using var store = new ContentStore(root);
        Digest kept = Digest.Sha256("1"u8);
        store.Write(kept, "1"u8);
        store.Write(Digest.Sha256("2"u8), "2"u8);
        string folder = Path.Combine(_tree.Path, "blobs", "sha256");
        File.WriteAllText(Path.Combine(folder, ".tmp-x"), "half");
        File.WriteAllText(Path.Combine(folder, "junk"), "?");

        store.RemoveAllBut(new HashSet<Digest> { kept });

        Assert.Equal([kept.Hex], Directory.GetFiles(folder).Select(Path.GetFileName));
    }
}
