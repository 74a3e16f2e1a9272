using System.Text;
using CriRuntime.Images.Layers;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests.Layers;

/// <summary>Each test performs the attack; nothing may appear or change outside of the layer.</summary>
public sealed class LayerAttackTests : IDisposable
{
    private readonly UnpackedTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    [InlineData("/../evil")]
    [InlineData("a/../../../../../../tmp/evil")]
    public async Task A_name_that_climbs_out_is_refused(string name)
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().File(name, "x")));

        Assert.Empty(_tree.Strays());
    }

    [Fact]
    public async Task An_absolute_name_lands_inside_the_layer()
    {
        await _tree.UnpackAsync(new TarBuilder().File("/etc/criruntime-test-evil", "x"));

        Assert.Equal("x", _tree.Read("etc/criruntime-test-evil"));
        Assert.False(File.Exists("/etc/criruntime-test-evil"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("../../..")]
    [InlineData("/proc/self/root")]
    [InlineData("/proc/self/cwd")]
    public async Task A_link_out_of_the_layer_leads_nowhere(string target)
    {
        string outside = Path.Combine(_tree.Base, "victim");
        Directory.CreateDirectory(outside);
        TarBuilder tar = new TarBuilder().Symlink("out", target).File("out" + outside + "/evil", "x").Directory("out" + outside, 0x1FF);

        try
        {
            await _tree.UnpackAsync(tar);
        }
        catch (Exception e) when (e is InvalidDataException or LinuxException)
        {
            // Refusing is as good as resolving within the layer.
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.NotEqual(UnixFileMode.OtherWrite, File.GetUnixFileMode(outside) & UnixFileMode.OtherWrite);
    }

    [Fact]
    public async Task A_file_is_not_written_through_a_link_of_its_own_name()
    {
        string victim = Path.Combine(_tree.Base, "victim");
        await File.WriteAllTextAsync(victim, "safe", TestContext.Current.CancellationToken);

        await _tree.UnpackAsync(new TarBuilder().Symlink("f", victim).File("f", "evil", mode: 0xFFF, uid: 9));

        Assert.Equal("safe", await File.ReadAllTextAsync(victim, TestContext.Current.CancellationToken));
        Assert.Equal("evil", _tree.Read("f"));
    }

    [Fact]
    public async Task A_directory_member_does_not_chmod_through_a_link()
    {
        string victim = Path.Combine(_tree.Base, "victim");
        Directory.CreateDirectory(victim, UnixFileMode.UserRead);

        await _tree.UnpackAsync(new TarBuilder().Symlink("d", victim).Directory("d", 0x1FF, 5, 5, 1).Directory("e").Symlink("e", victim));

        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(victim));
        Assert.NotEqual(1, new DateTimeOffset(Directory.GetLastWriteTimeUtc(victim)).ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData("../victim")]
    [InlineData("/etc/passwd")]
    [InlineData("link/passwd")]
    [InlineData("")]
    [InlineData("missing")]
    [InlineData("dir")]
    public async Task A_hard_link_to_what_is_no_file_of_the_layer_is_refused(string target)
    {
        TarBuilder tar = new TarBuilder().Directory("dir").Symlink("link", "/etc").HardLink("evil", target);

        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(tar));

        Assert.False(File.Exists(_tree.At("evil")));
    }

    [Fact]
    public async Task A_hard_link_to_a_link_links_the_link_itself()
    {
        await _tree.UnpackAsync(new TarBuilder().Symlink("l", "/etc/shadow").HardLink("evil", "l"));

        Assert.Equal(FileKind.SymbolicLink, _tree.Stat("evil")!.Value.Kind);
    }

    [Theory]
    [InlineData(".wh...")]
    [InlineData("a/.wh...")]
    [InlineData(".wh.")]
    [InlineData(".wh..")]
    public async Task A_whiteout_of_a_directory_itself_is_refused(string name) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Directory("a").File(name)));

    [Fact]
    public async Task Attributes_that_steer_overlayfs_or_security_modules_are_left_out()
    {
        await _tree.UnpackAsync(new TarBuilder().Pax(
                ("SCHILY.xattr.trusted.overlay.redirect", "/etc"), ("SCHILY.xattr.trusted.overlay.opaque", "y"),
                ("SCHILY.xattr.user.overlay.opaque", "y"), ("SCHILY.xattr.security.selinux", "x"), ("SCHILY.xattr.user.ok", "1"))
            .Directory("d"));

        Assert.Null(_tree.Xattr("d", "trusted.overlay.redirect"));
        Assert.Null(_tree.Xattr("d", "trusted.overlay.opaque"));
        Assert.Null(_tree.Xattr("d", "user.overlay.opaque"));
        Assert.Null(_tree.Xattr("d", "security.selinux"));
        Assert.Equal("1"u8.ToArray(), _tree.Xattr("d", "user.ok"));
    }

    [Fact]
    public async Task Owners_beyond_32_bits_are_refused()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Pax(("uid", "4294967296")).File("a")));
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Pax(("gid", "4294967295")).File("b")));
    }

    [Fact]
    public async Task A_decompression_bomb_stops_at_the_limit()
    {
        byte[] bomb = TarBuilder.Gzip(new TarBuilder().Member('0', "zeros", new byte[64 << 20]).ToArray());

        var e = await Assert.ThrowsAsync<ImageException>(() =>
            _tree.UnpackAsync(new MemoryStream(bomb), new LayerLimits { MaxLayerBytes = 8 << 20, MinAvailableBytes = 0 }));

        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);
        Assert.True(!File.Exists(_tree.At("zeros")) || new FileInfo(_tree.At("zeros")).Length <= 8 << 20);
    }

    [Fact]
    public async Task Endless_zeros_behind_the_end_of_the_archive_count_too()
    {
        byte[] bomb = TarBuilder.Gzip([.. new TarBuilder().File("a").ToArray(), .. new byte[32 << 20]]);

        await Assert.ThrowsAsync<ImageException>(() =>
            _tree.UnpackAsync(new MemoryStream(bomb), new LayerLimits { MaxLayerBytes = 8 << 20, MinAvailableBytes = 0 }));
    }

    [Fact]
    public async Task A_sparse_file_of_an_absurd_length_is_refused()
    {
        TarBuilder tar = new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "9000000000000000000"))
            .Member('0', "s", Encoding.ASCII.GetBytes("0\n".PadRight(512, '\0')));

        await Assert.ThrowsAsync<ImageException>(() => _tree.UnpackAsync(tar));
    }

    [Theory]
    [InlineData("1\n0\n1024\n")] // more than is stored
    [InlineData("2\n512\n256\n0\n256\n")] // backwards
    [InlineData("1\n9223372036854775000\n512\n")]
    [InlineData("99999999999999999999999\n")]
    [InlineData("x\n")]
    public async Task A_sparse_map_that_lies_is_refused(string map)
    {
        TarBuilder tar = new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "4096"))
            .Member('0', "s", [.. Encoding.ASCII.GetBytes(map.PadRight(512, '\0')), .. new byte[512]]);

        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(tar));
    }

    [Fact]
    public async Task Too_many_entries_and_too_deep_paths_are_refused()
    {
        TarBuilder many = new();
        for (int i = 0; i < 50; i++)
        {
            many.File($"f{i}");
        }

        await Assert.ThrowsAsync<ImageException>(() => _tree.UnpackAsync(many, new LayerLimits { MaxEntries = 20, MinAvailableBytes = 0 }));
        await Assert.ThrowsAsync<ImageException>(() => _tree.UnpackAsync(
            new TarBuilder().Pax(("path", string.Concat(Enumerable.Repeat("d/", 600)))).Directory("x")));
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Pax(("path", new string('n', 5000))).File("x")));
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Pax(("path", new string('n', 256))).File("x")));
    }

    [Fact]
    public async Task A_full_file_system_is_left_with_its_reserve()
    {
        var e = await Assert.ThrowsAsync<ImageException>(() =>
            _tree.UnpackAsync(new TarBuilder().File("a", "x"), new LayerLimits { MinAvailableBytes = long.MaxValue }));

        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);
    }

    [Fact]
    public async Task Huge_extended_headers_are_refused_before_they_are_read()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Member('x', "pax", [], size: 1L << 31)));
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new TarBuilder().Member('L', "long", [], size: (1L << 20) + 1)));
    }

    [Fact]
    public async Task Truncated_and_corrupt_archives_are_refused()
    {
        byte[] tar = new TarBuilder().File("a", new string('x', 3000)).Unfinished();
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new MemoryStream(tar[..1000])));
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new MemoryStream(tar[..100])));
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new MemoryStream(new TarBuilder().Pax(("path", "x")).Unfinished())));
        tar[10] ^= 1;
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new MemoryStream(tar)));
        byte[] gzip = TarBuilder.Gzip(new TarBuilder().File("a", Guid.NewGuid().ToString()).ToArray());
        gzip[^6] ^= 0xFF; // the checksum
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new MemoryStream(gzip)));
        byte[] zstd = TarBuilder.Zstd(new TarBuilder().File("a", Guid.NewGuid().ToString()).ToArray());
        await Assert.ThrowsAsync<InvalidDataException>(() => _tree.UnpackAsync(new MemoryStream(zstd[..^5])));
    }

    [Fact]
    public async Task Random_damage_never_does_worse_than_a_refusal()
    {
        byte[] tar = new TarBuilder().Pax(("SCHILY.xattr.user.a", "b"), ("mtime", "1.5")).File("a", new string('x', 700)).Symlink("l", "/etc")
            .HardLink("h", "a").Member('S', "sparse", new byte[512]).Directory("d").ToArray();
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. tar];
            for (int j = 0; j < 4; j++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            using var tree = new UnpackedTree();
            Exception? e = await Record.ExceptionAsync(() => tree.UnpackAsync(new MemoryStream(damaged)));
            Assert.True(e is null or InvalidDataException or ImageException or LinuxException, e?.ToString());
            Assert.Empty(tree.Strays());
        }
    }
}
