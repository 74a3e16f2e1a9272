using CriRuntime.CriServer.Checkpoints;

namespace CriRuntime.CriServer.Tests.Checkpoints;

public sealed class CriuCommandTests
{
    [Fact]
    public void A_dump_leaves_the_container_running_and_names_what_is_not_in_it()
    {
        string command = string.Join(' ', CriuCommand.Dump(new CriuDump
        {
            Criu = "/usr/sbin/criu",
            NsEnter = "/usr/bin/nsenter",
            Namespaces = [new EnteredNamespace("net", "/run/ns/net")],
            Pid = 42,
            Images = "/w/checkpoint",
            Work = "/w",
            ActionScript = "/w/pause.sh",
            Mounts = [new ExternalMount("/run/secrets", "/var/run/secrets", "/host")],
            Streams = ["file[18:4]", "pipe:[7]", "pipe:[8]"],
        }));
        Assert.StartsWith("/usr/bin/nsenter --net=/run/ns/net -- /usr/sbin/criu dump --tree 42 --leave-running", command, StringComparison.Ordinal);
        Assert.Contains("--external mnt[/run/secrets]:/var/run/secrets", command, StringComparison.Ordinal);
        Assert.Contains("--external file[18:4]", command, StringComparison.Ordinal);
        Assert.DoesNotContain("pipe", command, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restore_gives_each_stream_once()
    {
        IReadOnlyList<string> command = CriuCommand.Restore(new CriuRestore
        {
            Criu = "/usr/sbin/criu",
            PidFile = "/w/pid",
            Root = "/rootfs",
            Images = "/w/checkpoint",
            Work = "/w",
            Mounts = [new("/data", "/host/data")],
            Streams = ["", "pipe:[7]", "pipe:[7]"],
        });
        Assert.Equal(["fd[1]:pipe:[7]"], command.Where((_, i) => i > 0 && command[i - 1] == "--inherit-fd"));
        Assert.Contains("mnt[/data]:/host/data", command);
    }

    [Fact]
    public void A_shared_pid_namespace_and_a_terminal_are_left_out_and_given_again()
    {
        string dump = string.Join(' ', CriuCommand.Dump(new CriuDump
        {
            Criu = "/usr/sbin/criu",
            NsEnter = "/usr/bin/nsenter",
            Namespaces = [],
            Pid = 42,
            Images = "/w/checkpoint",
            Work = "/w",
            ActionScript = "/w/pause.sh",
            Mounts = [],
            Streams = ["tty[8800:1a]", "tty[8800:1a]", "tty[8800:1a]"],
            SharedPids = 4026531836,
        }));
        Assert.EndsWith(" --external tty[8800:1a] --external pid[4026531836]:pod-pid", dump, StringComparison.Ordinal);
        IReadOnlyList<string> restore = CriuCommand.Restore(new CriuRestore
        {
            Criu = "/usr/sbin/criu",
            PidFile = "/w/pid",
            Root = "/rootfs",
            Images = "/w/checkpoint",
            Work = "/w",
            Mounts = [],
            Streams = ["tty[8800:1a]", "tty[8800:1a]", "tty[8800:1a]"],
            SharedPids = "/run/pod/ns/pid",
        });
        // A shell opens the namespace for criu, which takes descriptors alone.
        Assert.Equal(["/bin/sh", "-c", "exec 3< \"$0\" && exec \"$@\"", "/run/pod/ns/pid", "/usr/sbin/criu", "restore", "--inherit-fd", "fd[3]:pod-pid"], restore.Take(8));
        Assert.Equal("fd[0]:tty[8800:1a]", restore[^1]);
    }

    [Fact]
    public void The_first_errors_of_a_log_are_the_reason()
    {
        string log = "(00.1) Warn  (criu/a.c:1): w\n(00.2) Error (criu/vdso.c:9): vdso: Unexpected rt vDSO area bounds\n(00.3) Error (criu/b.c:2): second\n";
        Assert.Equal("vdso: Unexpected rt vDSO area bounds; second", CriuLog.ErrorsIn(log));
        Assert.Equal("it says nothing", CriuLog.ErrorsIn(""));
    }
}
