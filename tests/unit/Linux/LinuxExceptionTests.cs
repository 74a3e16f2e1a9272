namespace CriRuntime.Linux.Tests;

public sealed class LinuxExceptionTests
{
    [Fact]
    public void Message_names_the_call_the_path_and_the_errno() =>
        Assert.Equal("mount /a/b: EPERM", new LinuxException("mount", "/a/b", Errno.EPERM).Message);

    [Fact]
    public void An_errno_without_a_name_prints_as_a_number() =>
        Assert.Equal("ioctl: errno 512", new LinuxException("ioctl", null, (Errno)512).Message);
}
