namespace CriRuntime.Linux.Tests.Sockets;

public sealed class SeqPacketSocketTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("seqpacket-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_listener_is_its_owners_alone_whatever_the_directory()
    {
        using DirectoryFd opened = DirectoryFd.Open(_directory);
        using SeqPacketSocket listener = SeqPacketSocket.Listen(opened.Descriptor, "s");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(_directory, "s")));
        using SeqPacketSocket connected = SeqPacketSocket.Connect(opened.Descriptor, "s");
        using SeqPacketSocket? accepted = listener.TryAccept();
        Assert.NotNull(accepted);
    }
}
