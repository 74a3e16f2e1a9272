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

    [Fact]
    public async Task A_poststart_hook_that_fails_ends_the_container_and_the_start()
    {
        bundle.Spec = bundle.Spec with { Hooks = new Hooks { Poststart = [new Hook { Path = "/bin/sh", Args = ["sh", "-c", "exit 9"] }, Host("second")], Poststop = [Host("poststop")] } };
        bundle.Run("sleep 1000").Failed("hook poststart /bin/sh", "exit status 9");
        Assert.Equal(["poststop"], File.ReadAllLines(log));
        bundle.Command("state", bundle.Id).Failed("does not exist");

        bundle.Create("sleep 1000").Succeeded();
        bundle.Command("start", bundle.Id).Failed("hook poststart /bin/sh");
        Assert.True(await bundle.WaitForStatus("stopped"));
        bundle.Command("delete", bundle.Id).Succeeded();
    }

    [Fact]
    public void A_poststop_hook_that_fails_is_a_warning_and_the_others_run()
    {
        bundle.Spec = bundle.Spec with { Hooks = new Hooks { Poststop = [new Hook { Path = "/bin/sh", Args = ["sh", "-c", "exit 9"] }, Host("second")] } };
        bundle.Run("true").Succeeded();
        Assert.Equal(["second"], File.ReadAllLines(log));
        bundle.Command("state", bundle.Id).Failed("does not exist");
    }

    private Hook Host(string name) => new() { Path = "/bin/sh", Args = ["sh", "-c", $"echo {name} >> {log}"] };
}
