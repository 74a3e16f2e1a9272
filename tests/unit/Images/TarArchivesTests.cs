using CriRuntime.Images.Layers;
using CriRuntime.Images.Tests.Layers;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests;

public sealed class TarArchivesTests : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("tararchives-").FullName;

    public void Dispose() => Directory.Delete(_base, recursive: true);

    [Fact]
    public async Task A_writable_layer_comes_back_as_it_was()
    {
        string from = Make("from");
        string longName = new('n', 180);
        Directory.CreateDirectory(Path.Join(from, "data", "hidden"));
        File.WriteAllText(Path.Join(from, "data", longName), "text");
        File.SetUnixFileMode(Path.Join(from, "data", longName), UnixFileMode.UserRead);
        File.CreateSymbolicLink(Path.Join(from, "link"), "/etc/" + longName);
        using (DirectoryFd root = DirectoryFd.Open(from))
        {
            Assert.True(root.TryMakeNode("gone"u8, FileKind.CharacterDevice, 0, 0, 0));
            Assert.True(root.TryMakeNode("pipe"u8, FileKind.Fifo, 0x180, 0, 0));
            using DirectoryFd data = root.OpenDirectory("data"u8);
            Assert.True(data.TryMakeLink(System.Text.Encoding.ASCII.GetBytes(longName), root, "again"u8));
            data.SetOwner([], 3_000_000, 7);
            using DirectoryFd hidden = data.OpenDirectory("hidden"u8);
            Assert.True(InodeAttributes.TrySetXattr(hidden.Descriptor, "trusted.overlay.opaque"u8, "y"u8));
        }

        (string to, IReadOnlyList<string> deleted) = await MoveAsync(from);

        Assert.Equal("\"gone\"", Assert.Single(deleted));
        using DirectoryFd copy = DirectoryFd.Open(to);
        Assert.Equal((FileKind.CharacterDevice, 0u, 0u), (copy.TryStat("gone"u8)!.Value.Kind, copy.TryStat("gone"u8)!.Value.DeviceMajor, copy.TryStat("gone"u8)!.Value.DeviceMinor));
        Assert.Equal(FileKind.Fifo, copy.TryStat("pipe"u8)!.Value.Kind);
        Assert.Equal("/etc/" + longName, new FileInfo(Path.Join(to, "link")).LinkTarget);
        Assert.Equal("text", File.ReadAllText(Path.Join(to, "data", longName)));
        Assert.Equal(2u, copy.TryStat("again"u8)!.Value.Links);
        Assert.Equal((3_000_000u, 7u), (copy.TryStat("data"u8)!.Value.Uid, copy.TryStat("data"u8)!.Value.Gid));
        using DirectoryFd opaque = copy.OpenDirectory("data/hidden"u8);
        Assert.Equal("y"u8.ToArray(), InodeAttributes.TryGetXattr(opaque.Descriptor, "trusted.overlay.opaque"u8));
        Assert.False(Directory.Exists(to + ".spill"));
    }

    [Fact]
    public async Task A_tree_that_is_too_deep_is_refused()
    {
        string from = Make("from");
        Directory.CreateDirectory(Path.Join(from, string.Join('/', Enumerable.Repeat("d", 300))));
        using MemoryStream tar = new();
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => TarArchives.PackAsync(from, tar, CancellationToken.None));
        Assert.Equal(ImageErrorKind.FailedPrecondition, e.Kind);
    }

    [Fact]
    public async Task Files_in_one_directory_come_out_for_root_alone()
    {
        string to = await UnpackAsync(new TarBuilder().Directory("./").File("./config.dump", "{}", mode: 0xFFF, uid: 5).Directory("checkpoint/").File("checkpoint/core-1.img", "x").ToGzip());
        Assert.Equal("x", File.ReadAllText(Path.Join(to, "checkpoint", "core-1.img")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(to, "config.dump")));
    }

    public static TheoryData<string, byte[]> Attacks => new()
    {
        { "up", new TarBuilder().File("../escaped").ToArray() },
        { "up behind a directory", new TarBuilder().File("checkpoint/../../escaped").ToArray() },
        { "absolute", new TarBuilder().File("/escaped").ToArray() },
        { "a link and a file through it", new TarBuilder().Symlink("checkpoint", "/tmp").File("checkpoint/escaped").ToArray() },
        { "a link", new TarBuilder().Symlink("config.dump", "/etc/passwd").ToArray() },
        { "a hard link", new TarBuilder().HardLink("config.dump", "/etc/passwd").ToArray() },
        { "a device", new TarBuilder().Device("config.dump", 1, 3).ToArray() },
        { "a fifo", new TarBuilder().Device("config.dump", 0, 0, '6').ToArray() },
        { "deep", new TarBuilder().File("a/b/c").ToArray() },
        { "a directory in one", new TarBuilder().Directory("a/b/").ToArray() },
        { "a file with no name", new TarBuilder().File(".").ToArray() },
        { "twice", new TarBuilder().File("config.dump", "1").File("config.dump", "2").ToArray() },
        { "a file where a directory is", new TarBuilder().Directory("checkpoint").File("checkpoint").ToArray() },
        { "no archive", new byte[2048].Select(_ => (byte)'x').ToArray() },
        { "cut", new TarBuilder().File("config.dump", new string('x', 3000)).ToArray()[..1000] },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Whatever_is_no_plain_file_in_its_place_is_refused_and_nothing_is_outside(string attack, byte[] tar)
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(tar));
        Assert.Equal(["to"], Directory.GetFileSystemEntries(_base).Select(Path.GetFileName));
        Assert.False(File.Exists("/escaped") || File.Exists("/tmp/escaped"), attack);
    }

    [Fact]
    public async Task An_archive_beyond_the_limits_is_refused()
    {
        byte[] many = new TarBuilder().File("a").File("b").File("c").ToArray();
        Assert.Equal(ImageErrorKind.ResourceExhausted, (await Assert.ThrowsAsync<ImageException>(() => UnpackAsync(many, new LayerLimits { MaxEntries = 2 }))).Kind);
        byte[] large = new TarBuilder().File("d", new string('x', 5000)).ToArray();
        Assert.Equal(ImageErrorKind.ResourceExhausted, (await Assert.ThrowsAsync<ImageException>(() => UnpackAsync(large, new LayerLimits { MaxLayerBytes = 4096 }))).Kind);
    }

    private string Make(string name) => Directory.CreateDirectory(Path.Join(_base, name)).FullName;

    private async Task<string> UnpackAsync(byte[] tar, LayerLimits? limits = null)
    {
        string to = Make("to");
        using MemoryStream stream = new(tar);
        await TarArchives.UnpackFilesAsync(stream, to, limits ?? new LayerLimits { MinAvailableBytes = 0 }, CancellationToken.None);
        return to;
    }

    private async Task<(string To, IReadOnlyList<string> Deleted)> MoveAsync(string from)
    {
        using MemoryStream tar = new();
        IReadOnlyList<string> deleted = await TarArchives.PackAsync(from, tar, CancellationToken.None);
        tar.Position = 0;
        string to = Make("to");
        await TarArchives.UnpackLayerAsync(tar, to, to + ".spill", CancellationToken.None);
        return (to, deleted);
    }
}
