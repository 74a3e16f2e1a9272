using CriRuntime.CriServer.Handlers;

namespace CriRuntime.CriServer.Tests.Handlers;

public sealed class BinaryCommandTests
{
    private static readonly RuntimeHandler s_handler = new("runc") { Path = "/usr/bin/runc", Root = "/run/r" };

    [Fact]
    public void Commands_are_those_that_runc_and_crun_take()
    {
        BinaryCommand command = new(s_handler, "/b", "c1");
        Assert.Equal("--root /run/r --log /b/init.log --log-format json create --bundle /b --pid-file /b/init.pid c1", Text(command.Create(terminal: false)));
        Assert.Equal("--root /run/r --log /b/init.log --log-format json create --bundle /b --pid-file /b/init.pid --console-socket init.sock c1", Text(command.Create(terminal: true)));
        Assert.Equal("--root /run/r --log /b/start.log --log-format json start c1", Text(command.Start()));
        Assert.Equal(
            "--root /run/r --log /b/exec-1.log --log-format json exec --process /b/exec-1.json --pid-file /b/exec-1.pid --console-socket exec-1.sock --detach c1",
            Text(command.Exec("exec-1", "/b/exec-1.json", terminal: true)));
        Assert.Equal("--root /run/r --log /b/update.log --log-format json update --resources - c1", Text(command.Update()));
        Assert.Equal("--root /run/r --log /b/delete.log --log-format json delete --force c1", Text(command.Delete()));
    }

    [Fact]
    public void With_systemd_the_binary_makes_the_same_scope_as_the_daemon() =>
        Assert.Contains("--systemd-cgroup", new BinaryCommand(s_handler with { SystemdCgroup = true }, "/b", "c1").Start());

    private static string Text(IReadOnlyList<string> words) => string.Join(' ', words);
}
