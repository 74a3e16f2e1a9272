using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Pods;

/// <summary>Pods with user namespaces (KEP-127): who they are inside, who they are on the host, and what of the host they cannot reach.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class UserNamespaceTests(SharedDaemon shared) : IAsyncLifetime
{
    private const uint First = 100_000;
    private const uint Second = 300_000;

    private readonly Daemon _daemon = shared.Daemon;
    private readonly List<string> _pods = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (string pod in _pods)
        {
            await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod });
            await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod });
        }
    }

    [Fact]
    public async Task Status_says_that_pods_can_have_user_namespaces()
    {
        StatusResponse status = await _daemon.Runtime.StatusAsync(new StatusRequest());
        Assert.True(status.RuntimeHandlers.Single().Features.UserNamespaces);
        Assert.True(status.Features.UserNamespacesHostNetwork);
    }

    [Fact]
    public async Task Root_inside_is_a_plain_user_on_the_host()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-root", First);
        string id = await _daemon.StartNewAsync(podId, pod, Container("main", First));
        Assert.Equal($"0 {First} 65536", Words(await _daemon.ExecTextAsync(id, "cat", "/proc/self/uid_map")));
        Assert.Equal($"0 {First} 65536", Words(await _daemon.ExecTextAsync(id, "cat", "/proc/self/gid_map")));
        Assert.Equal("0 0\n", await _daemon.ExecTextAsync(id, "stat", "-c", "%u %g", "/bin/busybox"));
        await _daemon.ExecTextAsync(id, "sh", "-c", "touch /tmp/new; touch /new; busybox chown 7:8 /tmp/new; echo changed >> /etc/passwd; ln -s x /root/link");
        Assert.Equal("7 8\n", await _daemon.ExecTextAsync(id, "stat", "-c", "%u %g", "/tmp/new"));
        string upper = Path.Combine(_daemon.Root, "images", "snapshots", id, "upper");
        Assert.Equal($"{First + 7} {First + 8}", await OwnerAsync(Path.Combine(upper, "tmp/new")));
        Assert.Equal($"{First} {First}", await OwnerAsync(Path.Combine(upper, "etc/passwd")));
        Assert.Equal($"{First} {First}", await OwnerAsync(upper));
        // The process itself, as the host sees it.
        string pid = (await Shell.RunAsync("sh", "-c", $"grep -l {id} /proc/[0-9]*/cgroup | head -n 1")).Trim().Split('/')[2];
        Assert.Equal($"{First} {First}", await OwnerAsync($"/proc/{pid}/task"));
        PodSandboxStatus status = await _daemon.PodStatusAsync(podId);
        Assert.Equal(First, status.Linux.Namespaces.Options.UsernsOptions.Uids.Single().HostId);
    }

    [Fact]
    public async Task Two_pods_with_other_ids_share_an_image()
    {
        (PodSandboxConfig one, string oneId) = await RunAsync("userns-one", First);
        (PodSandboxConfig two, string twoId) = await RunAsync("userns-two", Second);
        string a = await _daemon.StartNewAsync(oneId, one, Container("main", First));
        string b = await _daemon.StartNewAsync(twoId, two, Container("main", Second));
        foreach (string id in (string[])[a, b])
        {
            Assert.Equal("0 0\n", await _daemon.ExecTextAsync(id, "stat", "-c", "%u %g", "/etc/passwd"));
            await _daemon.ExecTextAsync(id, "touch", "/mine");
        }

        Assert.Equal($"{First} {First}", await OwnerAsync(Path.Combine(_daemon.Root, "images", "snapshots", a, "upper/mine")));
        Assert.Equal($"{Second} {Second}", await OwnerAsync(Path.Combine(_daemon.Root, "images", "snapshots", b, "upper/mine")));
    }

    [Fact]
    public async Task The_kernels_file_systems_and_the_pods_own_files_are_there()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-files", First);
        string id = await _daemon.StartNewAsync(podId, pod, Container("main", First));
        string script = """
            set -e
            cat /etc/hosts /etc/resolv.conf > /dev/null; echo more >> /etc/hosts
            hostname; cat /etc/hostname
            touch /dev/shm/a /dev/mqueue/q; rm /dev/shm/a /dev/mqueue/q
            stat -c %u:%a /dev/shm
            ls /sys/class/net/eth0 > /dev/null; ls /sys/fs/cgroup > /dev/null; ls /proc/1 > /dev/null
            echo x > /dev/null; head -c 1 /dev/zero > /dev/null; head -c 1 /dev/urandom > /dev/null
            ls /dev/pts/ptmx
            """;
        Assert.Equal("userns-files\nuserns-files\n0:1777\n/dev/pts/ptmx\n", await _daemon.ExecTextAsync(id, "sh", "-c", script));
    }

    [Fact]
    public async Task Output_can_be_opened_anew_by_every_user()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-output", First);
        ContainerConfig config = Container("user", First, "sh", "-c", "id; echo again > /dev/stdout; echo wrong > /dev/stderr");
        config.Linux.SecurityContext.RunAsUsername = "web";
        config.Linux.SecurityContext.SupplementalGroups.Add(3000);
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(podId, pod, config);
        Assert.True(status.ExitCode == 0, output);
        Assert.Contains("uid=1000(web) gid=1001(web) groups=1001(web),2000(extra),3000\n", output, StringComparison.Ordinal);
        Assert.Contains("again\n", output, StringComparison.Ordinal);
        Assert.Contains("wrong\n", output, StringComparison.Ordinal);

        string id = await _daemon.StartNewAsync(podId, pod, Container("main", First));
        Assert.Equal("x\n", await _daemon.ExecTextAsync(id, "sh", "-c", "echo x > /dev/stdout"));

        ContainerConfig terminal = Container("terminal", First, "sh", "-c", "echo on > /dev/console; echo tty > /dev/tty; stty size");
        terminal.Tty = true;
        (status, output) = await _daemon.RunToEndAsync(podId, pod, terminal);
        Assert.True(status.ExitCode == 0, output);
        Assert.Contains("tty", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_with_mappings_is_the_pods_and_one_without_is_the_hosts()
    {
        string volume = Directory.CreateDirectory(Path.Combine(_daemon.Base, "userns-volume")).FullName;
        File.SetUnixFileMode(volume, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(volume, "secret"), "of host root\n");
        File.SetUnixFileMode(Path.Combine(volume, "secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-volume", First);

        ContainerConfig mapped = Container("mapped", First);
        Mount mount = new() { ContainerPath = "/v", HostPath = volume };
        mount.UidMappings.Add(Range(First));
        mount.GidMappings.Add(Range(First));
        mapped.Mounts.Add(mount);
        string id = await _daemon.StartNewAsync(podId, pod, mapped);
        Assert.Equal("of host root\n", await _daemon.ExecTextAsync(id, "cat", "/v/secret"));
        await _daemon.ExecTextAsync(id, "touch", "/v/new");
        Assert.Equal("0 0", await OwnerAsync(Path.Combine(volume, "new")));

        ContainerConfig plain = Container("plain", First);
        plain.Mounts.Add(new Mount { ContainerPath = "/v", HostPath = volume });
        plain.Linux.SecurityContext.Privileged = true;
        id = await _daemon.StartNewAsync(podId, pod, plain);
        ExecSyncResponse refused = await _daemon.ExecAsync(id, "cat", "/v/secret");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Permission denied", refused.Stderr.ToStringUtf8(), StringComparison.Ordinal);
        Directory.Delete(volume, recursive: true);
    }

    [Fact]
    public async Task An_image_as_a_volume_has_the_pods_ids()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-image", First);
        ContainerConfig config = Container("main", First);
        config.Mounts.Add(new Mount { ContainerPath = "/image", Readonly = true, Image = new ImageSpec { Image = Cri.Busybox } });
        config.Mounts.Add(new Mount { ContainerPath = "/part", Readonly = true, Image = new ImageSpec { Image = Cri.Busybox }, ImageSubPath = "etc" });
        string id = await _daemon.StartNewAsync(podId, pod, config);
        Assert.Equal("0 0\n", await _daemon.ExecTextAsync(id, "stat", "-c", "%u %g", "/image/etc/passwd"));
        Assert.Equal("0 0\n", await _daemon.ExecTextAsync(id, "stat", "-c", "%u %g", "/part/passwd"));
        Assert.Equal(1, (await _daemon.ExecAsync(id, "touch", "/image/x")).ExitCode);
    }

    [Fact]
    public async Task The_network_is_the_pods_with_sysctls_and_reached_from_the_host()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-net", First, change: p =>
        {
            p.Linux.Sysctls["net.ipv4.ip_unprivileged_port_start"] = "80";
            p.Linux.Sysctls["net.ipv4.ping_group_range"] = "0 65535";
        });
        ContainerConfig server = Container("server", First, "httpd", "-f", "-p", "80", "-h", "/etc");
        server.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        await _daemon.StartNewAsync(podId, pod, server);
        string ip = (await _daemon.PodStatusAsync(podId)).Network.Ip;
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
        string answer = "";
        await Wait.UntilAsync("the pod to answer", async () =>
        {
            try
            {
                answer = await http.GetStringAsync($"http://{ip}/passwd");
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        Assert.StartsWith("root:x:0:0:", answer, StringComparison.Ordinal);
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(podId, pod, Container("ping", First, "busybox", "ping", "-c", "1", "127.0.0.1"));
        Assert.True(status.ExitCode == 0, output);
    }

    [Fact]
    public async Task The_nodes_network_can_be_used_with_a_user_namespace()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-host", First, hostNetwork: true);
        string id = await _daemon.StartNewAsync(podId, pod, Container("main", First));
        Assert.Equal($"0 {First} 65536", Words(await _daemon.ExecTextAsync(id, "cat", "/proc/self/uid_map")));
        await _daemon.ExecTextAsync(id, "ls", "/sys/class/net/lo");
        Assert.NotEqual(0, (await _daemon.ExecAsync(id, "ip", "link", "set", "lo", "down")).ExitCode);
    }

    [Fact]
    public async Task Containers_can_share_one_pid_namespace()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-pids", First, change: p => p.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Pod);
        ContainerConfig one = Container("one", First);
        one.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Pod;
        await _daemon.StartNewAsync(podId, pod, one);
        ContainerConfig two = Container("two", First);
        two.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Pod;
        string id = await _daemon.StartNewAsync(podId, pod, two);
        Assert.Contains("cri-pod-init", await _daemon.ExecTextAsync(id, "sh", "-c", "cat /proc/1/comm"), StringComparison.Ordinal);
        Assert.Contains("sleep 100000", await _daemon.ExecTextAsync(id, "ps"), StringComparison.Ordinal);
    }

    // What root with every capability must not do from inside.
    [Fact]
    public async Task Not_even_a_privileged_container_is_root_on_the_host()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-hostile", First, change: p => p.Linux.SecurityContext.Privileged = true);
        ContainerConfig config = Container("main", First);
        config.Linux.SecurityContext.Privileged = true;
        string id = await _daemon.StartNewAsync(podId, pod, config);
        // Its capabilities are real in its own namespace ...
        await _daemon.ExecTextAsync(id, "sh", "-c", "mkdir /m; mount -t tmpfs none /m; touch /m/x; hostname renamed; ip link set lo down; ip link set lo up");
        // ... and nothing outside.
        foreach (string attack in (string[])
        [
            "echo x > /proc/sys/kernel/core_pattern", "echo c > /proc/sysrq-trigger", "busybox mknod /dev/disk b 253 0", "echo 1 > /proc/sys/vm/drop_caches",
            "for d in /dev/vda /dev/sda /dev/nvme0n1 /dev/mem /dev/kmsg /dev/loop-control; do head -c 1 $d && exit 0; done; exit 1", "mount -t ext4 /dev/vda /m", "mount -o remount,rw /sys/fs/cgroup && mkdir /sys/fs/cgroup/memory/x",
        ])
        {
            ExecSyncResponse response = await _daemon.ExecAsync(id, "sh", "-c", attack);
            Assert.True(response.ExitCode != 0, $"{attack}: {response.Stdout.ToStringUtf8()}");
        }
    }

    [Fact]
    public async Task What_cannot_be_is_refused_before_anything_is_made()
    {
        await RefusedAsync("exactly one mapping", o => o.Uids.Add(Range(Second)));
        await RefusedAsync("container_id 0", o => o.Uids[0].ContainerId = 1);
        await RefusedAsync("last id", o => o.Gids[0].HostId = uint.MaxValue);
        await RefusedAsync("mode", o => o.Mode = NamespaceMode.Container);
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-refused", First);
        string message = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, Container("other", Second)));
        Assert.Contains("must be the pod's", message, StringComparison.Ordinal);
        ContainerConfig stranger = Container("stranger", First);
        stranger.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 65_536 };
        message = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, stranger));
        Assert.Contains("65536", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_whose_file_system_maps_no_ids_is_named()
    {
        (PodSandboxConfig pod, string podId) = await RunAsync("userns-unmappable", First);
        ContainerConfig config = Container("main", First);
        Mount mount = new() { ContainerPath = "/v", HostPath = "/proc/sys" };
        mount.UidMappings.Add(Range(First));
        mount.GidMappings.Add(Range(First));
        config.Mounts.Add(mount);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.CreateAsync(podId, pod, config));
        Assert.Contains("/proc/sys", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("map its ids", refused.Status.Detail, StringComparison.Ordinal);
    }

    private static IDMapping Range(uint host) => new() { ContainerId = 0, HostId = host, Length = 65_536 };

    private static UserNamespace Options(uint host) => new() { Mode = NamespaceMode.Pod, Uids = { Range(host) }, Gids = { Range(host) } };

    private static ContainerConfig Container(string name, uint host, params string[] command)
    {
        ContainerConfig config = Cri.Container(name, command);
        config.Linux.SecurityContext.NamespaceOptions.UsernsOptions = Options(host);
        return config;
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static async Task<string> OwnerAsync(string path) => (await Shell.RunAsync("stat", "-c", "%u %g", path)).Trim();

    private async Task<(PodSandboxConfig Config, string Id)> RunAsync(string name, uint host, bool hostNetwork = false, Action<PodSandboxConfig>? change = null)
    {
        PodSandboxConfig pod = _daemon.Pod(name, hostNetwork);
        pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions = Options(host);
        change?.Invoke(pod);
        string id = await _daemon.RunPodAsync(pod);
        _pods.Add(id);
        return (pod, id);
    }

    private async Task RefusedAsync(string reason, Action<UserNamespace> change)
    {
        PodSandboxConfig pod = _daemon.Pod("userns-wrong", hostNetwork: false);
        pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions = Options(First);
        change(pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions);
        string message = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.RunPodAsync(pod));
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }
}
