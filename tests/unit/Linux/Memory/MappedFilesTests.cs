namespace CriRuntime.Linux.Tests.Memory;

public sealed class MappedFilesTests
{
    [Fact]
    public void What_is_let_go_comes_back_when_it_is_used()
    {
        MappedFiles.Release();
        // Code that ran before and code that did not, both from mappings that were let go.
        Assert.Equal("cab", new string([.. "abc".OrderByDescending(c => c == 'c')]));
        Assert.Equal(55, Enumerable.Range(1, 10).Sum());
        MappedFiles.Release();
        Assert.NotEmpty(File.ReadAllText("/proc/self/maps"));
    }
}
