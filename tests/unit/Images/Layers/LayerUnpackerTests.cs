using System.Text;
using CriRuntime.Images.Layers;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests.Layers;

public sealed class LayerUnpackerTests : IDisposable
{
    private readonly UnpackedTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Files_keep_content_mode_owner_and_time()
    {
        await _tree.UnpackAsync(new TarBuilder().Directory("bin/").File("bin/su", "root!", mode: 0xDED, uid: 0, gid: 42, mtime: 1234567890));

        FileFacts facts = _tree.Stat("bin/su")!.Value;
        Assert.Equal("root!", _tree.Read("bin/su"));
        Assert.Equal((0xDEDu, 0u, 42u, 1234567890L), (facts.Permissions, facts.Uid, facts.Gid, facts.ModifiedSeconds));
    }

    [Fact]
    public async Task Directories_keep_mode_and_time_though_files_are_made_in_them_later()
    {
        await _tree.UnpackAsync(new TarBuilder().Directory("./", 0x1C0, 7, 8).Directory("tmp", 0x3FF, mtime: 55).File("tmp/a").File("tmp/b"));

        FileFacts tmp = _tree.Stat("tmp")!.Value;
        Assert.Equal((0x3FFu, 55L), (tmp.Permissions, tmp.ModifiedSeconds));
        FileFacts root = _tree.Stat(".")!.Value;
        Assert.Equal((0x1C0u, 7u, 8u), (root.Permissions, root.Uid, root.Gid));
    }

    [Fact]
    public async Task A_setgid_directory_does_not_pass_its_group_on()
    {
        await _tree.UnpackAsync(new TarBuilder().Directory("d", 0x5ED, 0, 50).File("d/f"));

        Assert.Equal(0u, _tree.Stat("d/f")!.Value.Gid);
        Assert.Equal(0x5EDu, _tree.Stat("d")!.Value.Permissions);
    }

    [Fact]
    public async Task Links_devices_and_fifos_are_made()
    {
        await _tree.UnpackAsync(new TarBuilder().File("a", "x").HardLink("b", "/a").Symlink("c", "../../etc/passwd")
            .Device("null", 1, 3).Device("sda", 259, 65536, '4').Member('6', "pipe"));

        Assert.Equal(_tree.Stat("a")!.Value.Inode, _tree.Stat("b")!.Value.Inode);
        Assert.Equal("../../etc/passwd", new FileInfo(_tree.At("c")).LinkTarget);
        Assert.Equal((FileKind.CharacterDevice, 1u, 3u), (_tree.Stat("null")!.Value.Kind, _tree.Stat("null")!.Value.DeviceMajor, _tree.Stat("null")!.Value.DeviceMinor));
        Assert.Equal((FileKind.BlockDevice, 259u, 65536u), (_tree.Stat("sda")!.Value.Kind, _tree.Stat("sda")!.Value.DeviceMajor, _tree.Stat("sda")!.Value.DeviceMinor));
        Assert.Equal(FileKind.Fifo, _tree.Stat("pipe")!.Value.Kind);
    }

    [Fact]
    public async Task A_whiteout_becomes_device_0_0_and_an_opaque_marker_an_attribute()
    {
        await _tree.UnpackAsync(new TarBuilder().Directory("etc").File("etc/.wh.passwd").File("var/.wh..wh..opq").File("var/new", "n").File(".wh..wh.plnk/1.2"));

        FileFacts whiteout = _tree.Stat("etc/passwd")!.Value;
        Assert.Equal((FileKind.CharacterDevice, 0u, 0u), (whiteout.Kind, whiteout.DeviceMajor, whiteout.DeviceMinor));
        Assert.Equal("y"u8.ToArray(), _tree.Xattr("var", "trusted.overlay.opaque"));
        Assert.Equal("n", _tree.Read("var/new"));
        Assert.False(File.Exists(_tree.At("etc/.wh.passwd")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_directory_with_a_whiteout_of_its_own_name_hides_the_lower_one(bool whiteoutFirst)
    {
        TarBuilder tar = new();
        _ = whiteoutFirst ? tar.File(".wh.d").Directory("d").File("d/x", "1") : tar.Directory("d").File("d/x", "1").File(".wh.d");

        await _tree.UnpackAsync(tar);

        Assert.Equal("1", _tree.Read("d/x"));
        Assert.Equal("y"u8.ToArray(), _tree.Xattr("d", "trusted.overlay.opaque"));
    }

    [Fact]
    public async Task The_last_member_of_a_name_wins()
    {
        await _tree.UnpackAsync(new TarBuilder().File("a", "1").File("a", "2").Directory("d/e").File("d/e/f").File("d", "now a file")
            .Symlink("s", "a").Directory("s").File("s/in", "x"));

        Assert.Equal("2", _tree.Read("a"));
        Assert.Equal("now a file", _tree.Read("d"));
        Assert.Equal("x", _tree.Read("s/in"));
        Assert.Equal("2", _tree.Read("a"));
    }

    [Fact]
    public async Task Members_below_a_linked_directory_land_where_the_link_leads_within_the_layer()
    {
        await _tree.UnpackAsync(new TarBuilder().Directory("usr/lib").Symlink("lib", "/usr/lib").File("lib/x.so", "elf"));

        Assert.Equal("elf", _tree.Read("usr/lib/x.so"));
    }

    [Fact]
    public async Task Directories_that_no_member_names_are_made_and_reported()
    {
        UnpackedLayer layer = await _tree.UnpackAsync(new TarBuilder().File("a/b/c", "x").Directory("a"));

        Assert.Equal(["a/b"], layer.ImpliedDirectories);
        Assert.Equal(0x1EDu, _tree.Stat("a/b")!.Value.Permissions);
    }

    [Fact]
    public async Task File_capabilities_and_user_attributes_are_kept()
    {
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        await _tree.UnpackAsync(new TarBuilder()
            .PaxBytes('x', ("SCHILY.xattr.security.capability", capability), ("SCHILY.xattr.user.note", "n"u8.ToArray()))
            .File("ping", "elf", uid: 3));

        Assert.Equal(capability, _tree.Xattr("ping", "security.capability"));
        Assert.Equal("n"u8.ToArray(), _tree.Xattr("ping", "user.note"));
    }

    [Fact]
    public async Task Gzip_zstd_and_plain_layers_have_the_same_diff_id()
    {
        byte[] tar = new TarBuilder().File("f", new string('x', 100_000)).ToArray();
        Digest expected = Digest.Sha256(tar);
        byte[] twoMembers = [.. TarBuilder.Gzip(tar[..5000]), .. TarBuilder.Gzip(tar[5000..])];
        foreach (byte[] blob in new[] { tar, TarBuilder.Gzip(tar), twoMembers, TarBuilder.Zstd(tar) })
        {
            using var tree = new UnpackedTree();
            UnpackedLayer layer = await tree.UnpackAsync(new MemoryStream(blob));
            Assert.Equal(expected, layer.DiffId);
            Assert.Equal(100_000, new FileInfo(tree.At("f")).Length);
        }
    }

    [Theory]
    [InlineData("gnu")]
    [InlineData("pax")]
    [InlineData("oldgnu")]
    public async Task A_tree_packed_by_GNU_tar_comes_out_as_GNU_tar_unpacks_it(string format)
    {
        string source = Path.Combine(_tree.Base, "source");
        string reference = Path.Combine(_tree.Base, "reference");
        await Shell.RunAsync($"""
            mkdir -p {source}/etc {source}/{new string('d', 120)}/{new string('e', 130)} {reference}; cd {source}
            echo hello > etc/hello; chmod 4711 etc/hello; chown 12:34 etc/hello; ln etc/hello hard; ln -s ../etc/hello soft
            ln -s {new string('t', 300)} longlink
            echo deep > {new string('d', 120)}/{new string('e', 130)}/$(printf 'f%.0s' $(seq 200))
            truncate -s 3M sparse; echo start | dd of=sparse conv=notrunc status=none; echo middle | dd of=sparse bs=1M seek=1 conv=notrunc status=none
            truncate -s 9M holes; for i in $(seq 0 40); do echo $i | dd of=holes bs=128k seek=$i conv=notrunc status=none; done; truncate -s 10M holes
            mknod dev c 4 77; mkfifo fifo; touch -h -d '2001-02-03 04:05:06.5' soft etc/hello; mkdir -m 1777 tmp; touch -d 1999-01-01 tmp
            setfattr -n user.a -v b etc/hello 2>/dev/null || true
            tar --format={format} --sparse --numeric-owner -cf ../source.tar .
            tar --numeric-owner -xpf ../source.tar -C {reference}
            """);

        await using (FileStream tar = File.OpenRead(Path.Combine(_tree.Base, "source.tar")))
        {
            await _tree.UnpackAsync(tar);
        }

        string list = "find . -printf '%p %y %m %U %G %s %T@ %l %n %D\\n' | sed 's/ [0-9]*$//' | sort; find . -type f -exec sha256sum {} + | sort; stat -c '%n %t %T' dev";
        Assert.Equal(await Shell.RunAsync($"cd {reference}; {list}"), await Shell.RunAsync($"cd {_tree.Root}; {list}"));
        Assert.True(_tree.Stat("holes")!.Value.Blocks * 512 < 6 << 20, "holes are not written");
    }

    [Fact]
    public async Task Usage_is_counted()
    {
        UnpackedLayer layer = await _tree.UnpackAsync(new TarBuilder().Directory("d").File("d/a", new string('a', 5000)).File("d/b"));

        Assert.Equal(4, layer.Inodes);
        Assert.Equal(4096 * 4, layer.UsedBytes); // root, d, two blocks of a
    }

    [Fact]
    public async Task Names_that_are_not_UTF8_survive()
    {
        byte[] header = new byte[512];
        new byte[] { (byte)'f', 0xFF, 0xFE }.CopyTo(header, 0);
        Encoding.ASCII.GetBytes("0000644\0").CopyTo(header, 100);
        header[156] = (byte)'0';
        await _tree.UnpackAsync(new TarBuilder().Block(header));

        using DirectoryFd root = DirectoryFd.Open(_tree.Root);
        Assert.NotNull(root.TryStat([(byte)'f', 0xFF, 0xFE]));
    }
}
