using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Tests.Logs;

public sealed class LogLocationTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("relative.log", "")]
    [InlineData("/var/log/pods/../../../etc/cron.d/x", "")]
    [InlineData("/var/log/pods/./x.log", "")]
    [InlineData("/var/log/pods/", "")]
    [InlineData("/var/log/pods/x.log", "/var/log/other")]
    [InlineData("/var/log/pods-evil/x.log", "/var/log/pods")]
    [InlineData("/var/log/pods/\0/x.log", "/var/log/pods")]
    public void A_path_that_leaves_its_directory_or_is_none_is_refused(string path, string directory)
    {
        MonitorException e = Assert.Throws<MonitorException>(() => LogLocation.Of(path, directory));
        Assert.Equal(MonitorErrorKind.InvalidRequest, e.Kind);
    }

    [Fact]
    public void A_log_file_that_is_a_symbolic_link_is_not_written_through()
    {
        string victim = _scratch.File("victim");
        File.WriteAllText(victim, "precious");
        File.CreateSymbolicLink(_scratch.File("0.log"), victim);
        MonitorException e = Assert.Throws<MonitorException>(() => LogLocation.Of(_scratch.File("0.log"), "").Open());
        Assert.Equal(MonitorErrorKind.LogUnavailable, e.Kind);
        Assert.Contains("0.log", e.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(victim));
    }

    [Fact]
    public void A_link_in_place_of_a_directory_below_the_log_directory_is_not_followed()
    {
        Directory.CreateDirectory(_scratch.File("elsewhere"));
        Directory.CreateDirectory(_scratch.File("pods"));
        File.CreateSymbolicLink(_scratch.File("pods/web"), _scratch.File("elsewhere"));
        LogLocation location = LogLocation.Of(_scratch.File("pods/web/0.log"), _scratch.File("pods"));
        Assert.Throws<MonitorException>(() => location.Open());
        Assert.Empty(Directory.GetFiles(_scratch.File("elsewhere")));
    }

    [Fact]
    public void A_link_above_the_log_directory_is_the_administrators_and_is_followed()
    {
        Directory.CreateDirectory(_scratch.File("real/pods/web"));
        File.CreateSymbolicLink(_scratch.File("log"), _scratch.File("real"));
        LogLocation.Of(_scratch.File("log/pods/web/0.log"), _scratch.File("log/pods")).Open().Dispose();
        Assert.True(File.Exists(_scratch.File("real/pods/web/0.log")));
    }

    [Fact]
    public void A_directory_or_a_device_in_the_files_place_is_refused()
    {
        Directory.CreateDirectory(_scratch.File("0.log"));
        Assert.Throws<MonitorException>(() => LogLocation.Of(_scratch.File("0.log"), "").Open());
        Assert.Throws<MonitorException>(() => LogLocation.Of("/dev/null", "").Open());
    }
}
