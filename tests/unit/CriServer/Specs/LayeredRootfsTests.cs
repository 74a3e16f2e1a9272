using System.Text;
using CriRuntime.CriServer.Specs.Users;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Tests.Specs;

/// <summary>Layers as the image store unpacks them. Needs root, for whiteouts and trusted attributes.</summary>
public sealed class LayeredRootfsTests : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("layers-").FullName;
    private readonly string _top;
    private readonly string _bottom;
    private readonly LayeredRootfs _rootfs;

    public LayeredRootfsTests()
    {
        _top = Directory.CreateDirectory(Path.Join(_base, "top")).FullName;
        _bottom = Directory.CreateDirectory(Path.Join(_base, "bottom")).FullName;
        _rootfs = new LayeredRootfs([_top, _bottom]);
    }

    public void Dispose() => Directory.Delete(_base, recursive: true);

    [Fact]
    public void The_topmost_layer_that_has_the_file_counts()
    {
        Write(_bottom, "etc/passwd", "bottom");
        Assert.Equal("bottom", Read());
        Write(_top, "etc/passwd", "top");
        Assert.Equal("top", Read());
    }

    [Fact]
    public void Nothing_there_is_nothing()
    {
        Assert.Null(Read());
        Directory.CreateDirectory(Path.Join(_top, "etc"));
        Assert.Null(Read());
    }

    [Fact]
    public void A_whiteout_or_an_opaque_directory_hides_what_is_below()
    {
        Write(_bottom, "etc/passwd", "bottom");
        Directory.CreateDirectory(Path.Join(_top, "etc"));
        using DirectoryFd etc = DirectoryFd.Open(Path.Join(_top, "etc"));
        Assert.True(InodeAttributes.TrySetXattr(etc.Descriptor, "trusted.overlay.opaque"u8, "y"u8));
        Assert.Null(Read());
        Write(_bottom, "usr/a", "x");
        using DirectoryFd top = DirectoryFd.Open(_top);
        Assert.True(top.TryMakeNode("usr"u8, FileKind.CharacterDevice, 0, 0, 0));
        Assert.Null(_rootfs.TryRead("/usr/a", 100));
    }

    [Fact]
    public void Links_lead_across_layers_and_stay_inside()
    {
        Write(_bottom, "usr/share/passwd", "linked");
        Directory.CreateSymbolicLink(Path.Join(_top, "etc"), "../../usr/share");
        Assert.Equal("linked", Read());
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../../../../../../etc/hostname")]
    [InlineData("/proc/self/root/etc/hostname")]
    public void A_link_to_a_file_of_the_host_finds_none(string target)
    {
        Directory.CreateDirectory(Path.Join(_top, "etc"));
        File.CreateSymbolicLink(Path.Join(_top, "etc/passwd"), target);
        Assert.Null(Read());
    }

    [Fact]
    public void Links_in_a_circle_end()
    {
        Directory.CreateDirectory(Path.Join(_top, "etc"));
        File.CreateSymbolicLink(Path.Join(_top, "etc/passwd"), "passwd");
        Assert.Null(Read());
    }

    [Fact]
    public void A_gigabyte_is_refused_without_being_read()
    {
        Write(_top, "etc/passwd", "");
        using (FileStream sparse = File.OpenWrite(Path.Join(_top, "etc/passwd")))
            sparse.SetLength(1L << 30); // CVE-2025-4437
        Assert.Contains("1073741824", Assert.Throws<InvalidDataException>(() => _rootfs.TryRead("/etc/passwd", 1 << 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fifo_does_not_block()
    {
        Directory.CreateDirectory(Path.Join(_top, "etc"));
        using DirectoryFd etc = DirectoryFd.Open(Path.Join(_top, "etc"));
        Assert.True(etc.TryMakeNode("passwd"u8, FileKind.Fifo, 0x1A4, 0, 0));
        Assert.Throws<InvalidDataException>(() => _rootfs.TryRead("/etc/passwd", 100));
    }

    private static void Write(string layer, string path, string content)
    {
        string full = Path.Join(layer, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    private string? Read() => _rootfs.TryRead("/etc/passwd", 1 << 20) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
}
