using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>The explicit ones need a kernel that enforces AppArmor, and its parser: tests/v2 has such a host.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class AppArmorTests(SharedDaemon shared) : IAsyncLifetime
{
    private const string Default = "criruntime-default (enforce)";

    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("aa-" + Guid.NewGuid().ToString("n")[..8]);
        _pod.Linux.SecurityContext.Privileged = true; // for the containers that are; it is nothing to the others
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task A_profile_that_the_node_does_not_have_is_refused_before_anything_is_made()
    {
        ContainerConfig config = With(Cri.Container("named", "true"), SecurityProfile.Types.ProfileType.Localhost, "localhost/e2e-no-such-profile");
        string message = await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.CreateAsync(_podId, _pod, config));
        Assert.Contains("security_context.apparmor: localhost_ref", message, StringComparison.Ordinal);
        Assert.Contains("e2e-no-such-profile", message, StringComparison.Ordinal);
        ListContainersResponse left = await _daemon.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { PodSandboxId = _podId } });
        Assert.Empty(left.Containers);
    }

    [Fact(Explicit = true)]
    public async Task Container_and_exec_run_under_the_default_profile()
    {
        foreach (bool said in new[] { false, true })
        {
            ContainerConfig config = Cri.Container($"default-{said}", "sleep", "1000");
            if (said)
                With(config, SecurityProfile.Types.ProfileType.RuntimeDefault);
            string id = await _daemon.StartNewAsync(_podId, _pod, config);
            Assert.Equal(Default, Label(await _daemon.ExecTextAsync(id, "cat", "/proc/1/attr/current")));
            Assert.Equal(Default, Label(await _daemon.ExecTextAsync(id, "cat", "/proc/self/attr/current")));
            await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 0 });
        }
    }

    [Fact(Explicit = true)]
    public async Task The_default_profile_keeps_a_capable_container_from_mounts_and_from_the_kernels_files()
    {
        const string Attempts = """
            mount -t tmpfs none /tmp 2>/dev/null && echo mounted
            mkdir /tmp/p && mount -t proc none /tmp/p 2>/dev/null && echo mounted
            cat /proc/kcore >/dev/null 2>&1 && echo read
            head -c 1 /proc/sysrq-trigger 2>/dev/null && echo read
            echo > /tmp/file && cat /tmp/file >/dev/null && kill -0 1 && echo works
            """;
        ContainerConfig confined = Cri.Container("confined", "sh", "-c", Attempts);
        confined.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "ALL" } };
        Assert.Equal("works\n", (await _daemon.RunToEndAsync(_podId, _pod, confined)).Output);

        ContainerConfig free = With(Cri.Container("free", "sh", "-c", "mount -t tmpfs none /tmp && echo mounted; cat /proc/self/attr/current"), SecurityProfile.Types.ProfileType.Unconfined);
        free.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "ALL" } };
        Assert.Equal("mounted\nunconfined\n", (await _daemon.RunToEndAsync(_podId, _pod, free)).Output);
    }

    [Fact(Explicit = true)]
    public async Task A_privileged_container_is_unconfined_unless_it_names_a_profile()
    {
        await LoadAsync("e2e-audit", "audit /** w,");
        ContainerConfig config = Cri.Container("privileged", "cat", "/proc/self/attr/current");
        config.Linux.SecurityContext.Privileged = true;
        Assert.Equal("unconfined", Label((await _daemon.RunToEndAsync(_podId, _pod, config)).Output));
        config.Metadata.Attempt = 1;
        config.LogPath = "named.log";
        With(config, SecurityProfile.Types.ProfileType.Localhost, "localhost/e2e-audit");
        Assert.Equal("e2e-audit (enforce)", Label((await _daemon.RunToEndAsync(_podId, _pod, config)).Output));
    }

    [Fact(Explicit = true)]
    public async Task A_named_profile_is_enforced_for_container_and_exec()
    {
        await LoadAsync("e2e-deny-write", "deny /tmp/** w,");
        ContainerConfig config = With(
            Cri.Container("deny", "sh", "-c", "touch /tmp/x 2>/dev/null || echo denied; touch /x && echo written; exec sleep 1000"), SecurityProfile.Types.ProfileType.Localhost, "e2e-deny-write");
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        string log = (await _daemon.StatusAsync(id)).LogPath;
        await Wait.UntilAsync("the container's word", () => File.Exists(log) && File.ReadAllText(log).Contains("written", StringComparison.Ordinal));
        Assert.Equal("denied\nwritten\n", await Cri.MessagesAsync(log));
        Assert.NotEqual(0, (await _daemon.ExecAsync(id, "touch", "/tmp/y")).ExitCode);
    }

    [Fact(Explicit = true)]
    public async Task A_confined_container_can_be_stopped_and_may_signal_itself()
    {
        ContainerConfig config = Cri.Container("signals", "sh", "-c", "trap 'exit 3' TERM; sleep 1000 & kill -9 $!; wait $!; echo $?; while true; do sleep 0.1; done");
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        string log = (await _daemon.StatusAsync(id)).LogPath;
        await Wait.UntilAsync("the child's end", () => File.Exists(log) && File.ReadAllText(log).Contains("137", StringComparison.Ordinal));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 60 });
        Assert.Equal(3, (await _daemon.StatusAsync(id)).ExitCode);
    }

    [Fact(Explicit = true)]
    public async Task A_default_profile_that_somebody_unloaded_is_loaded_again()
    {
        Assert.Equal(Default, Label((await _daemon.RunToEndAsync(_podId, _pod, Cri.Container("before", "cat", "/proc/self/attr/current"))).Output));
        await File.WriteAllTextAsync("/sys/kernel/security/apparmor/.remove", "criruntime-default");
        Assert.Equal(Default, Label((await _daemon.RunToEndAsync(_podId, _pod, Cri.Container("after", "cat", "/proc/self/attr/current"))).Output));
    }

    private static ContainerConfig With(ContainerConfig config, SecurityProfile.Types.ProfileType kind, string reference = "")
    {
        config.Linux.SecurityContext.Apparmor = new SecurityProfile { ProfileType = kind, LocalhostRef = reference };
        return config;
    }

    private static string Label(string attribute) => attribute.TrimEnd('\n', '\0');

    /// <summary>A profile that allows all but what the rule says.</summary>
    private async Task LoadAsync(string name, string rule)
    {
        string file = Path.Combine(_daemon.Base, name);
        await File.WriteAllTextAsync(file, $"profile {name} flags=(attach_disconnected) {{ file, capability, network, signal, ptrace, umount, {rule} }}\n");
        await Shell.RunAsync("apparmor_parser", "-Kr", file);
        File.Delete(file);
    }
}
