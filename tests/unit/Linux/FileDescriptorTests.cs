namespace CriRuntime.Linux.Tests;

public sealed class FileDescriptorTests
{
    [Fact]
    public void A_closed_descriptor_is_a_bad_one_even_when_its_number_is_another_file_s()
    {
        FileDescriptor closed = MemoryFile.Create("closed", "mine"u8);
        int number = closed.Number;
        closed.Dispose();
        List<FileDescriptor> others = [];
        do
            others.Add(MemoryFile.Create("other", "theirs"u8));
        while (others[^1].Number < number);
        Assert.Equal(Errno.EBADF, Assert.Throws<LinuxException>(() => closed.Read(new byte[8])).Errno);
        Assert.Equal(Errno.EBADF, Assert.Throws<LinuxException>(() => closed.Duplicate()).Errno);
        others.ForEach(other => other.Dispose());
    }
}
