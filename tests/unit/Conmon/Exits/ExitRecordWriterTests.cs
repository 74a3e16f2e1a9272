using CriRuntime.Conmon.Exits;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Exits;

public sealed class ExitRecordWriterTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_record_is_read_back_as_it_was_written_and_replaces_an_older_one()
    {
        using DirectoryFd directory = DirectoryFd.Open(_scratch.Path);
        ExitRecordWriter writer = new(directory);
        ContainerExit exit = new("web", 137, 9, true, 1_709_210_096_123_456_789);
        writer.Write(new ContainerExit("web", 1, 0, false, 1));
        writer.Write(exit);
        Assert.Equal(exit, ExitRecord.Read(_scratch.Path, "web"));
        Assert.Equal("v1 137 9 1 1709210096123456789\n", File.ReadAllText(_scratch.File("exits/web")));
        Assert.Single(Directory.GetFiles(_scratch.File("exits")));
    }

    [Fact]
    public void A_temporary_file_of_a_monitor_that_died_is_replaced()
    {
        Directory.CreateDirectory(_scratch.File("exits"));
        File.WriteAllText(_scratch.File("exits/.web"), "v1 1");
        using DirectoryFd directory = DirectoryFd.Open(_scratch.Path);
        new ExitRecordWriter(directory).Write(new ContainerExit("web", 3, 0, false, 5));
        Assert.Equal(3, ExitRecord.Read(_scratch.Path, "web")!.ExitCode);
    }

    [Fact]
    public void A_removed_record_is_gone_and_removing_it_again_is_fine()
    {
        using DirectoryFd directory = DirectoryFd.Open(_scratch.Path);
        ExitRecordWriter writer = new(directory);
        writer.Write(new ContainerExit("web", 0, 0, false, 1));
        writer.Remove("web");
        writer.Remove("web");
        Assert.Null(ExitRecord.Read(_scratch.Path, "web"));
    }
}
