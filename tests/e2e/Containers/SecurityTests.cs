using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

[Collection(SharedDaemonCollection.Name)]
public sealed class SecurityTests(SharedDaemon shared) : IAsyncLifetime
{
    private const string DefaultCapabilities = "00000000a80425fb";

    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("sec-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task Capabilities_are_the_fields_default_and_not_inheritable()
    {
        string status = await RunAsync(Cri.Container("caps", "cat", "/proc/self/status"));
        Assert.Contains($"CapEff:\t{DefaultCapabilities}", status, StringComparison.Ordinal);
        Assert.Contains($"CapBnd:\t{DefaultCapabilities}", status, StringComparison.Ordinal);
        Assert.Contains("CapInh:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("CapAmb:\t0000000000000000", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dropping_ALL_leaves_only_what_is_added()
    {
        ContainerConfig config = Cri.Container("drop", "cat", "/proc/self/status");
        config.Linux.SecurityContext.Capabilities = new Capability { DropCapabilities = { "ALL" }, AddCapabilities = { "NET_ADMIN" } };
        Assert.Contains("CapEff:\t0000000000001000", await RunAsync(config), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_by_id_gets_its_groups_from_the_request()
    {
        ContainerConfig config = Cri.Container("user", "id");
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        config.Linux.SecurityContext.RunAsGroup = new Int64Value { Value = 1001 };
        config.Linux.SecurityContext.SupplementalGroups.Add(3000);
        string id = await RunAsync(config);
        Assert.Contains("uid=1000(web) gid=1001(web)", id, StringComparison.Ordinal);
        Assert.Contains("3000", id, StringComparison.Ordinal);
        Assert.Contains("2000(extra)", id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_by_name_is_looked_up_in_the_image()
    {
        ContainerConfig config = Cri.Container("username", "sh", "-c", "id -u; echo $HOME");
        config.Linux.SecurityContext.RunAsUsername = "web";
        Assert.Equal("1000\n/home\n", await RunAsync(config));
    }

    [Fact]
    public async Task A_read_only_root_refuses_writes()
    {
        ContainerConfig config = Cri.Container("readonly", "sh", "-c", "touch /x 2>&1 || true");
        config.Linux.SecurityContext.ReadonlyRootfs = true;
        Assert.Contains("Read-only file system", await RunAsync(config), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masked_and_read_only_paths_hold()
    {
        ContainerConfig config = Cri.Container("masked", "sh", "-c", "wc -c < /proc/keys; echo 1 2>/dev/null > /proc/sys/kernel/domainname || echo refused");
        config.Linux.SecurityContext.MaskedPaths.Add("/proc/keys");
        config.Linux.SecurityContext.ReadonlyPaths.Add("/proc/sys");
        string output = await RunAsync(config);
        Assert.StartsWith("0\n", output, StringComparison.Ordinal);
        Assert.Contains("refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_new_privileges_is_set()
    {
        ContainerConfig config = Cri.Container("nnp", "grep", "NoNewPrivs", "/proc/self/status");
        config.Linux.SecurityContext.NoNewPrivs = true;
        Assert.Equal("NoNewPrivs:\t1\n", await RunAsync(config));
    }

    [Fact]
    public async Task The_default_seccomp_profile_filters_and_unconfined_does_not()
    {
        ContainerConfig filtered = Cri.Container("seccomp", "grep", "Seccomp:", "/proc/self/status");
        filtered.Linux.SecurityContext.Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault };
        Assert.Equal("Seccomp:\t2\n", await RunAsync(filtered));
        ContainerConfig open = Cri.Container("unconfined", "grep", "Seccomp:", "/proc/self/status");
        open.Linux.SecurityContext.Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Unconfined };
        Assert.Equal("Seccomp:\t0\n", await RunAsync(open));
    }

    [Fact]
    public async Task No_descriptor_of_the_monitor_leaks_into_the_container()
    {
        // ls itself has the directory open as the one descriptor above stdio.
        string[] open = (await RunAsync(Cri.Container("fds", "ls", "/proc/self/fd"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", "1", "2", "3"], open);
    }

    [Fact]
    public async Task An_image_that_executes_the_monitors_program_cannot_overwrite_it()
    {
        byte[] before = await File.ReadAllBytesAsync(Programs.CriConmon);

        // The first process becomes the monitor's own program through /proc/self/exe; whatever it does then, the file stays as it is,
        // also for a second process that opens it for writing through /proc/PID/exe.
        PodSandboxConfig pod = _daemon.Pod("exe-" + Guid.NewGuid().ToString("n")[..8]);
        pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Node;
        string podId = await _daemon.RunPodAsync(pod);
        ContainerConfig writer = Cri.Container("writer", "sh", "-c", "for p in /proc/[0-9]*; do case $(readlink $p/exe) in *cri-conmon*) (echo overwritten > $p/exe) 2>&1 && echo WROTE;; esac; done; true");
        writer.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Node;
        writer.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "SYS_PTRACE", "DAC_OVERRIDE" } };
        Assert.DoesNotContain("WROTE", await RunInAsync(podId, pod, writer), StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Programs.CriConmon));
    }

    [Fact]
    public async Task A_working_directory_in_proc_self_fd_leads_nowhere()
    {
        ContainerConfig config = Cri.Container("cwd", "sh", "-c", "ls ../../../../etc/shadow");
        config.WorkingDir = "/proc/self/fd/7";
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => _daemon.StartNewAsync(_podId, _pod, config));
    }

    [Fact]
    public async Task A_privileged_container_sees_the_hosts_devices_and_has_every_capability_of_the_daemon()
    {
        PodSandboxConfig pod = _daemon.Pod("privileged");
        pod.Linux.SecurityContext.Privileged = true;
        string podId = await _daemon.RunPodAsync(pod);
        ContainerConfig config = Cri.Container("all", "sh", "-c", "grep CapEff /proc/self/status; ls /dev");
        config.Linux.SecurityContext.Privileged = true;
        (_, string output) = await _daemon.RunToEndAsync(podId, pod, config);
        string own = (await File.ReadAllLinesAsync("/proc/self/status")).Single(line => line.StartsWith("CapEff", StringComparison.Ordinal));
        Assert.Contains(own, output, StringComparison.Ordinal);
        Assert.Contains("loop-control", output, StringComparison.Ordinal);
    }

    private Task<string> RunAsync(ContainerConfig config) => RunInAsync(_podId, _pod, config);

    private async Task<string> RunInAsync(string podId, PodSandboxConfig pod, ContainerConfig config)
    {
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(podId, pod, config);
        Assert.True(status.ExitCode == 0, $"exit {status.ExitCode}: {output}");
        return output;
    }
}
