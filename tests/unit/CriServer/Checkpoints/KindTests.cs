using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Checkpoints;

/// <summary>Terminals and pid namespaces: what is saved of them, and that the restored container has the same kind.</summary>
public sealed class KindTests
{
    [Theory]
    [InlineData("9 1 0:26 /0 /dev/console rw - devpts devpts rw", "tty[8800:1a]")]
    [InlineData("9 1 0:300 /256 /dev/console rw - devpts devpts rw", "tty[108800:10002c]")]
    [InlineData("9 1 0:26 / /dev/pts rw - devpts devpts rw", null)]
    [InlineData("9 1 0:26 / /dev/console rw - devpts devpts rw", null)]
    [InlineData("9 1 0:26 /0 /dev/console rw - tmpfs devpts rw", null)]
    public void A_terminal_has_the_name_of_its_devices(string line, string? name) => Assert.Equal(name, TerminalName.Of(Assert.Single(MountLine.Parse(line))));

    [Fact]
    public void A_terminal_is_left_out_and_needs_one_in_the_new_container()
    {
        IReadOnlyList<MountLine> mounts = MountLine.Parse("9 1 0:26 /0 /dev/console rw - devpts devpts rw\n");
        Assert.Equal([new("/dev/console", "/dev/console", "")], ExternalMounts.Find(mounts, new Spec(), new Dictionary<int, Mount>()));
        Assert.Equal("/w/console", Assert.Single(ExternalMounts.Sources(["/dev/console"], new Spec(), [], "/w/console")).Value);
        Spec with = new() { Process = new Process { Terminal = true } };
        TerminalName.CheckSame(["tty[8800:1a]"], with);
        TerminalName.CheckSame(["pipe:[1]"], new Spec());
        Assert.Contains("config.tty to true", Refusal(() => TerminalName.CheckSame(["tty[8800:1a]"], new Spec())), StringComparison.Ordinal);
        Assert.Contains("config.tty to false", Refusal(() => TerminalName.CheckSame(["pipe:[1]"], with)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_is_restored_only_into_a_pid_namespace_of_the_same_kind()
    {
        Spec own = InPidNamespace(null);
        Spec shared = InPidNamespace("/run/pod/ns/pid");
        PidNamespaces.CheckSame(saved: false, own);
        PidNamespaces.CheckSame(saved: true, shared);
        Assert.Contains("namespace_options.pid to POD", Refusal(() => PidNamespaces.CheckSame(saved: true, own)), StringComparison.Ordinal);
        Assert.Contains("namespace_options.pid to CONTAINER", Refusal(() => PidNamespaces.CheckSame(saved: false, shared)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_has_lost_its_parent_is_found_and_an_exec_is_none()
    {
        // 1 is the monitor, 2 the pod's init, 10 the container, 20 an exec, 30 an orphan.
        Dictionary<int, int> parents = new() { [10] = 1, [11] = 10, [12] = 11, [20] = 1, [21] = 20, [30] = 2, [31] = 30 };
        int Parent(int pid) => parents.GetValueOrDefault(pid);
        Assert.Null(ProcessTree.FindOrphan(10, [10, 11, 12, 20, 21], Parent));
        Assert.Null(ProcessTree.FindOrphan(10, [10, 11, 99], Parent)); // 99 has ended
        Assert.Equal(31, ProcessTree.FindOrphan(10, [10, 31, 30], Parent));
    }

    private static Spec InPidNamespace(string? path) => new() { Linux = new LinuxSection { Namespaces = [new LinuxNamespace { Type = LinuxNamespaceType.Pid, Path = path }] } };

    private static string Refusal(Action check)
    {
        CriException e = Assert.Throws<CriException>(check);
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        return e.Message;
    }
}
