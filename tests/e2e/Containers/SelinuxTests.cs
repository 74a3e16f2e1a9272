using System.Text.RegularExpressions;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>All but the first need a kernel that enforces SELinux, and a policy with containers: tests/v2 makes such a host.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed partial class SelinuxTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private readonly List<string> _pods = [];
    private string _volumes = "";

    public ValueTask InitializeAsync()
    {
        _volumes = Directory.CreateDirectory(Path.Combine(_daemon.Base, "volumes-" + Guid.NewGuid().ToString("n")[..8])).FullName;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string pod in _pods)
            await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod });
        Directory.Delete(_volumes, recursive: true);
    }

    [Theory]
    [InlineData("level", "s0,c4,c5")]
    [InlineData("level", "s0:c1\n")]
    [InlineData("type", "container_t:s0")]
    [InlineData("user", "../system_u")]
    public async Task A_part_of_a_wrong_form_is_refused_on_every_node(string part, string value)
    {
        SELinuxOption options = new();
        SELinuxOption.Descriptor.FindFieldByName(part).Accessor.SetValue(options, value);
        PodSandboxConfig bad = _daemon.Pod(Unique("bad"));
        bad.Linux.SecurityContext.SelinuxOptions = options;
        Assert.Contains($"security_context.selinux_options.{part}", await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.RunPodAsync(bad)), StringComparison.Ordinal);

        (string podId, PodSandboxConfig pod) = await PodAsync();
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, With(Cri.Container("bad"), options)));
        Assert.Empty((await _daemon.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { PodSandboxId = podId } })).Containers);
    }

    [Fact(Explicit = true)]
    public async Task Containers_and_execs_of_a_pod_share_a_label_that_no_other_pod_has()
    {
        HashSet<string> labels = [];
        for (int i = 0; i < 2; i++)
        {
            (string podId, PodSandboxConfig pod) = await PodAsync();
            string first = await _daemon.StartNewAsync(podId, pod, Cri.Container("first"));
            string second = await _daemon.StartNewAsync(podId, pod, Cri.Container("second"));
            string label = await LabelAsync(first, "1");
            Assert.Matches(ContainerLabel(), label);
            Assert.Equal(label, await LabelAsync(first));
            Assert.Equal(label, await LabelAsync(second, "1"));
            labels.Add(label);
        }

        Assert.Equal(2, labels.Count);
    }

    [Fact(Explicit = true)]
    public async Task Options_of_a_pod_replace_parts_of_the_label_and_those_of_a_container_parts_of_its_pods()
    {
        (string podId, PodSandboxConfig pod) = await PodAsync(pod => pod.Linux.SecurityContext.SelinuxOptions = new SELinuxOption { Level = "s0:c4,c5" });
        string plain = await _daemon.StartNewAsync(podId, pod, Cri.Container("plain"));
        string other = await _daemon.StartNewAsync(podId, pod, With(Cri.Container("other"), new SELinuxOption { Type = "spc_t", Level = "s0:c6" }));
        Assert.Equal("system_u:system_r:container_t:s0:c4,c5", await LabelAsync(plain, "1"));
        Assert.Equal("system_u:system_r:spc_t:s0:c6", await LabelAsync(other, "1"));
        Assert.Equal("system_u:object_r:container_file_t:s0:c6", await FileLabelAsync($"/proc/{await _daemon.PidAsync(other)}/root/bin"));
    }

    [Fact(Explicit = true)]
    public async Task A_label_that_the_loaded_policy_does_not_have_is_refused_before_anything_is_made()
    {
        (string podId, PodSandboxConfig pod) = await PodAsync();
        string message = await Cri.RefusedAsync(
            StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, With(Cri.Container("unknown"), new SELinuxOption { Type = "e2e_no_such_t" })));
        Assert.Contains("e2e_no_such_t", message, StringComparison.Ordinal);
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, With(Cri.Container("unknown"), new SELinuxOption { Level = "s0:c1024" })));
        Assert.Empty((await _daemon.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { PodSandboxId = podId } })).Containers);
    }

    [Theory(Explicit = true)]
    [InlineData(NamespaceMode.Container, false)]
    [InlineData(NamespaceMode.Pod, false)]
    [InlineData(NamespaceMode.Pod, true)]
    public async Task All_that_a_container_sees_as_its_own_has_the_label_of_its_files(NamespaceMode pid, bool userNamespace)
    {
        IDMapping range = new() { ContainerId = 0, HostId = 100_000, Length = 65_536 };
        UserNamespace? users = userNamespace ? new UserNamespace { Mode = NamespaceMode.Pod, Uids = { range }, Gids = { range } } : null;
        (string podId, PodSandboxConfig pod) = await PodAsync(
            pod =>
            {
                pod.Linux.SecurityContext.NamespaceOptions.Pid = pid;
                pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions = users;
            },
            hostNetwork: false);
        ContainerConfig config = Cri.Container("main");
        config.Linux.SecurityContext.NamespaceOptions.Pid = pid;
        config.Linux.SecurityContext.NamespaceOptions.UsernsOptions = users;
        string id = await _daemon.StartNewAsync(podId, pod, config);
        string process = await LabelAsync(id);
        Assert.Matches(ContainerLabel(), process);

        string files = $"system_u:object_r:container_file_t:{process.Split(':', 4)[3]}";
        string root = $"/proc/{await _daemon.PidAsync(id)}/root";
        string[] paths = ["/", "/bin/busybox", "/dev", "/dev/null", "/dev/shm", "/etc/hosts", "/etc/resolv.conf", "/proc/acpi"];
        // The kernel lets nobody label the queues of a user namespace.
        if (!userNamespace)
            paths = [.. paths, "/dev/mqueue"];
        foreach (string path in paths)
            Assert.Equal((path, files), (path, await FileLabelAsync(root + path)));
        await _daemon.ExecTextAsync(id, "sh", "-c", $"touch /new /dev/shm/new && echo x >> /etc/hosts && ls -d {string.Join(' ', paths)} > /dev/null && ls /proc/acpi");
        Assert.Contains($"context=\"{files}\"", await _daemon.ExecTextAsync(id, "cat", "/proc/1/mountinfo"), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task A_volume_to_be_relabelled_is_and_what_its_links_lead_to_is_not()
    {
        string volume = Directory.CreateDirectory(Path.Combine(_volumes, "volume")).FullName;
        string outside = Directory.CreateDirectory(Path.Combine(_volumes, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "file"), "");
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(volume, "a/b")).FullName, "file");
        await File.WriteAllTextAsync(file, "text\n");
        File.CreateSymbolicLink(Path.Combine(volume, "directory"), outside);
        File.CreateSymbolicLink(Path.Combine(volume, "file"), Path.Combine(outside, "file"));
        string before = await FileLabelAsync(outside);
        Assert.DoesNotContain("container_file_t", before, StringComparison.Ordinal);

        (string podId, PodSandboxConfig pod) = await PodAsync();
        ContainerConfig config = Cri.Container("main");
        config.Mounts.Add(new Mount { HostPath = volume, ContainerPath = "/volume", SelinuxRelabel = true });
        config.Mounts.Add(new Mount { HostPath = outside, ContainerPath = "/outside" });
        string id = await _daemon.StartNewAsync(podId, pod, config);
        string files = $"system_u:object_r:container_file_t:{(await LabelAsync(id)).Split(':', 4)[3]}";
        foreach (string path in (string[])[volume, Path.Combine(volume, "a"), file])
            Assert.Equal((path, files), (path, await FileLabelAsync(path)));
        Assert.Equal(before, await FileLabelAsync(outside));
        Assert.Equal(before, await FileLabelAsync(Path.Combine(outside, "file")));
        Assert.Equal("text\n", await _daemon.ExecTextAsync(id, "sh", "-c", "touch /volume/new && cat /volume/a/b/file"));
        Assert.Equal([true, false], (await _daemon.StatusAsync(id)).Mounts.Select(mount => mount.SelinuxRelabel));
    }

    [Fact(Explicit = true)]
    public async Task Relabelling_of_the_nodes_own_directories_is_refused_also_through_links()
    {
        string link = Path.Combine(_volumes, "link");
        File.CreateSymbolicLink(link, "/etc");
        string before = await FileLabelAsync("/etc");
        (string podId, PodSandboxConfig pod) = await PodAsync();
        foreach (string path in (string[])["/", "/etc", "/etc/", "/lib", "/var/lib", link])
        {
            ContainerConfig config = Cri.Container("main");
            config.Mounts.Add(new Mount { HostPath = path, ContainerPath = "/volume", SelinuxRelabel = true });
            string message = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, config));
            Assert.Contains("selinux_relabel", message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await FileLabelAsync("/etc"));
    }

    [Fact(Explicit = true)]
    public async Task A_container_cannot_reach_the_volume_of_another_pod_nor_files_of_the_node()
    {
        string volume = Directory.CreateDirectory(Path.Combine(_volumes, "secret")).FullName;
        await File.WriteAllTextAsync(Path.Combine(volume, "file"), "secret\n");
        string node = Path.Combine(_volumes, "node");
        await File.WriteAllTextAsync(node, "secret\n");
        (string ownerPod, PodSandboxConfig owner) = await PodAsync();
        (string thiefPod, PodSandboxConfig thief) = await PodAsync();
        ContainerConfig config = Cri.Container("main");
        config.Mounts.Add(new Mount { HostPath = volume, ContainerPath = "/volume", SelinuxRelabel = true });
        string first = await _daemon.StartNewAsync(ownerPod, owner, config);
        Assert.Equal("secret\n", await _daemon.ExecTextAsync(first, "cat", "/volume/file"));

        config.Mounts[0].SelinuxRelabel = false;
        config.Mounts.Add(new Mount { HostPath = node, ContainerPath = "/node" });
        config.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "ALL" } };
        string second = await _daemon.StartNewAsync(thiefPod, thief, config);
        const string Attempts = """
            cat /volume/file 2>/dev/null && echo read; echo x 2>/dev/null > /volume/file && echo written; ls /volume 2>/dev/null && echo listed
            touch /volume/new 2>/dev/null && echo made; cat /node 2>/dev/null && echo read
            echo system_u:system_r:spc_t:s0 2>/dev/null > /proc/self/attr/exec && cat /volume/file 2>/dev/null && echo escaped
            echo works
            """;
        Assert.Equal("works\n", await _daemon.ExecTextAsync(second, "sh", "-c", Attempts));
        Assert.Equal("secret\n", await _daemon.ExecTextAsync(first, "cat", "/volume/file"));
    }

    [Theory(Explicit = true)]
    [InlineData("privileged")]
    [InlineData("pid")]
    [InlineData("ipc")]
    public async Task A_container_that_is_privileged_or_sees_the_nodes_processes_gets_the_label_that_the_policy_has_for_it(string why)
    {
        void Free(NamespaceOption namespaces)
        {
            if (why == "pid")
                namespaces.Pid = NamespaceMode.Node;
            else if (why == "ipc")
                namespaces.Ipc = NamespaceMode.Node;
        }

        (string podId, PodSandboxConfig pod) = await PodAsync(pod =>
        {
            pod.Linux.SecurityContext.Privileged = why == "privileged";
            Free(pod.Linux.SecurityContext.NamespaceOptions);
        });
        ContainerConfig config = Cri.Container("main");
        config.Linux.SecurityContext.Privileged = why == "privileged";
        Free(config.Linux.SecurityContext.NamespaceOptions);
        string id = await _daemon.StartNewAsync(podId, pod, config);
        Assert.StartsWith("system_u:system_r:spc_t:s0", await LabelAsync(id), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Pods_keep_their_labels_when_the_daemon_is_killed()
    {
        (string podId, PodSandboxConfig pod) = await PodAsync();
        string first = await _daemon.StartNewAsync(podId, pod, Cri.Container("first"));
        string waiting = await _daemon.CreateAsync(podId, pod, Cri.Container("waiting"));
        string label = await LabelAsync(first);
        await _daemon.KillAsync();
        await _daemon.StartProcessAsync();

        await _daemon.StartAsync(waiting);
        string later = await _daemon.StartNewAsync(podId, pod, Cri.Container("later"));
        foreach (string id in (string[])[first, waiting, later])
            Assert.Equal(label, await LabelAsync(id));
        (string otherPod, PodSandboxConfig other) = await PodAsync();
        string foreign = await LabelAsync(await _daemon.StartNewAsync(otherPod, other, Cri.Container("foreign")));
        Assert.Matches(ContainerLabel(), foreign);
        Assert.NotEqual(label, foreign);
    }

    [GeneratedRegex(@"\Asystem_u:system_r:container_t:s0:c[0-9]+,c[0-9]+\z")]
    private static partial Regex ContainerLabel();

    private static string Unique(string name) => $"{name}-{Guid.NewGuid().ToString("n")[..8]}";

    private static ContainerConfig With(ContainerConfig config, SELinuxOption options)
    {
        config.Linux.SecurityContext.SelinuxOptions = options;
        return config;
    }

    private async Task<(string Id, PodSandboxConfig Config)> PodAsync(Action<PodSandboxConfig>? configure = null, bool hostNetwork = true)
    {
        PodSandboxConfig pod = _daemon.Pod(Unique("se"), hostNetwork);
        configure?.Invoke(pod);
        _pods.Add(await _daemon.RunPodAsync(pod));
        return (_pods[^1], pod);
    }

    /// <summary>The label of a process, as a container sees it.</summary>
    private async Task<string> LabelAsync(string containerId, string process = "self") =>
        (await _daemon.ExecTextAsync(containerId, "cat", $"/proc/{process}/attr/current")).TrimEnd('\n', '\0');

    /// <summary>The label of a file of the host.</summary>
    private static async Task<string> FileLabelAsync(string path) =>
        (await Shell.RunAsync("getfattr", "--absolute-names", "--only-values", "-n", "security.selinux", path)).TrimEnd('\0');
}
