using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class HookTests : IDisposable
{
    private readonly Bundle bundle = new();
    private readonly string log;

    public HookTests() => log = Path.Combine(bundle.Directory, "hooks.log");

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void Hooks_run_in_the_order_of_the_lifecycle()
    {
        File.WriteAllText(Path.Combine(bundle.Rootfs, "data/log"), "");
        bundle.Spec = bundle.Spec with
        {
            Hooks = new Hooks
            {
                Prestart = [Host("prestart")],
                CreateRuntime = [Host("createRuntime")],
                CreateContainer = [Host("createContainer")],
                StartContainer = [new Hook { Path = "/bin/sh", Args = ["sh", "-c", "echo startContainer >> /data/log"] }],
                Poststart = [Host("poststart")],
                Poststop = [Host("poststop")],
            },
        };
        bundle.Run("cat /data/log").Succeeded();
        Assert.Equal(["prestart", "createRuntime", "createContainer", "poststart", "poststop"], File.ReadAllLines(log));
    }

    [Fact]
    public void A_hook_gets_the_state_with_the_pid_of_the_host()
    {
        bundle.Spec = bundle.Spec with { Hooks = new Hooks { CreateRuntime = [new Hook { Path = "/bin/sh", Args = ["sh", "-c", $"cat > {log}; readlink /proc/self/cwd >> {log}"] }] } };
        bundle.Run("true").Succeeded();
        string[] written = File.ReadAllLines(log);
        ContainerState state = SpecJson.ParseState(System.Text.Encoding.UTF8.GetBytes(written[0][..(written[0].LastIndexOf('}') + 1)]));
        Assert.Equal((bundle.Id, ContainerStatus.Creating, bundle.Directory), (state.Id, state.Status, state.Bundle));
        Assert.True(state.Pid > 1);
        Assert.EndsWith(bundle.Directory, written[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_hook_that_fails_ends_the_creation_and_leaves_nothing()
    {
        bundle.Spec = bundle.Spec with { Hooks = new Hooks { CreateContainer = [new Hook { Path = "/bin/sh", Args = ["sh", "-c", "exit 9"] }] } };
        bundle.Run("true").Failed("hook createContainer /bin/sh", "exit status 9");
        bundle.Command("state", bundle.Id).Failed("does not exist");
    }

    [Fact]
    public void A_hook_that_hangs_is_killed_when_its_time_is_up()
    {
        bundle.Spec = bundle.Spec with { Hooks = new Hooks { Prestart = [new Hook { Path = "/bin/sleep", Args = ["sleep", "60"], Timeout = 1 }] } };
        bundle.Run("true").Failed("hook prestart /bin/sleep", "timeout");
    }

    private Hook Host(string name) => new() { Path = "/bin/sh", Args = ["sh", "-c", $"echo {name} >> {log}"] };
}
