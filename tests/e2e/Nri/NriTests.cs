using CriRuntime.E2e.Harness;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Ttrpc;
using CriRuntime.Tests.NriPlugin;
using Grpc.Core;
using Runtime.V1;
using Api = CriRuntime.Nri.Api;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.E2e.Nri;

/// <summary>The daemon with NRI plugins on its real socket.</summary>
public sealed class NriTests : IAsyncLifetime
{
    private Daemon _daemon = null!;
    private Runtime.V1.PodSandboxConfig _pod = null!;

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("nri", Networks.Bridge);
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        _pod = _daemon.Pod("nri");
        _pod.Labels.Add("l", "1");
        _pod.Annotations.Add("a", "2");
    }

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task A_plugin_sees_the_life_of_a_pod_and_its_container_in_order()
    {
        await using FakePlugin plugin = await JoinAsync("10", "watcher");
        string podId = await _daemon.RunPodAsync(_pod);
        string id = await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sleep", "1000"));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id });
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
        Assert.Equal(
            [
                "Configure", "Synchronize", "RunPodSandbox", "CreateContainer", "PostCreateContainer", "StartContainer", "PostStartContainer",
                "StopContainer", "RemoveContainer", "StopPodSandbox", "RemovePodSandbox",
            ],
            plugin.Methods);
        Api.PodSandbox pod = Assert.Single(plugin.Requests("RunPodSandbox", PodEvent.Parser)).Pod;
        Assert.Equal((podId, "nri", "e2e", "uid-nri", "1", "2"), (pod.Id, pod.Name, pod.Namespace, pod.Uid, pod.Labels["l"], pod.Annotations["a"]));
        Api.Container container = Assert.Single(plugin.Requests("CreateContainer", ContainerEvent.Parser)).Container;
        Assert.Equal((id, podId, "app"), (container.Id, container.PodSandboxId, container.Name));
        Assert.Equal(["sleep", "1000"], container.Args);
        Assert.Contains(container.Mounts, mount => mount.Destination == "/proc");
        Api.Container running = Assert.Single(plugin.Requests("PostStartContainer", ContainerEvent.Parser)).Container;
        Assert.True(running is { State: Api.ContainerState.ContainerRunning, Pid: > 0, StartedAt: > 0 });
        Assert.Equal(Api.ContainerState.ContainerStopped, Assert.Single(plugin.Requests("StopContainer", ContainerEvent.Parser)).Container.State);
    }

    [Fact]
    public async Task What_a_plugin_adjusts_is_what_the_container_gets()
    {
        string host = Directory.CreateDirectory(Path.Combine(_daemon.Base, "injected")).FullName;
        await File.WriteAllTextAsync(Path.Combine(host, "file"), "from the plugin");
        await using FakePlugin plugin = await JoinAsync("10", "changer", p => p.Answer("CreateContainer", _ => new Api.CreateContainerResponse
        {
            Adjust = new ContainerAdjustment
            {
                Env = { new Api.KeyValue { Key = "ADDED", Value = "yes" }, new Api.KeyValue { Key = "-GONE" } },
                Mounts = { new Api.Mount { Destination = "/injected", Source = host, Type = "bind", Options = { "bind", "ro" } } },
                Rlimits = { new POSIXRlimit { Type = "RLIMIT_NOFILE", Soft = 123, Hard = 456 } },
                Linux = new LinuxContainerAdjustment
                {
                    Devices = { new LinuxDevice { Path = "/dev/injected", Type = "c", Major = 1, Minor = 3 } },
                    Resources = new LinuxResources { Memory = new LinuxMemory { Limit = new OptionalInt64 { Value = 77 << 20 } }, Pids = new LinuxPids { Limit = 55 } },
                },
            },
        }));
        string podId = await _daemon.RunPodAsync(_pod);
        ContainerConfig config = Cri.Container(
            "app", "sh", "-c",
            "echo $ADDED-$GONE; cat /injected/file; echo; ulimit -n; echo x > /dev/injected && echo usable; touch /injected/x 2>/dev/null || echo readonly");
        config.Envs.Add(new Runtime.V1.KeyValue { Key = "GONE", Value = Google.Protobuf.ByteString.CopyFromUtf8("no") });
        (Runtime.V1.ContainerStatus status, string output) = await _daemon.RunToEndAsync(podId, _pod, config);
        Assert.Equal("yes-\nfrom the plugin\n123\nusable\nreadonly\n", output);
        Assert.Equal(77 << 20, status.Resources.Linux.MemoryLimitInBytes);
    }

    [Fact]
    public async Task A_memory_policy_holds_for_the_container_and_for_what_is_executed_in_it()
    {
        LinuxMemoryPolicy policy = new() { Mode = MpolMode.MpolBind, Nodes = "0", Flags = { MpolFlag.MpolFStaticNodes } };
        await using FakePlugin plugin = await JoinAsync("10", "numa", p => p.Answer("CreateContainer", _ => new Api.CreateContainerResponse
        {
            Adjust = new ContainerAdjustment { Linux = new LinuxContainerAdjustment { MemoryPolicy = policy } },
        }));
        string podId = await _daemon.RunPodAsync(_pod);
        string id = await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sh", "-c", "cat /proc/self/numa_maps; exec sleep 1000"));
        ExecSyncResponse exec = await _daemon.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = id, Cmd = { "cat", "/proc/1/numa_maps", "/proc/self/numa_maps" }, Timeout = 60 });
        string[] maps = exec.Stdout.ToStringUtf8().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(maps);
        Assert.All(maps, line => Assert.Contains(" bind=static:0 ", line + " ", StringComparison.Ordinal));

        policy.Nodes = "1000";
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.StartNewAsync(podId, _pod, Cri.Container("nowhere", "true")));
        Assert.Contains("set the memory policy MPOL_BIND of the nodes 1000", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("a node is not there", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_container_leaves_nothing_and_can_be_made_later()
    {
        bool refuse = true;
        await using FakePlugin plugin = await JoinAsync(
            "10", "strict", p => p.Answer("CreateContainer", _ => refuse ? throw new TtrpcException(2, "not today") : new Api.CreateContainerResponse()));
        string podId = await _daemon.RunPodAsync(_pod);
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => _daemon.CreateAsync(podId, _pod, Cri.Container("app", "true")));
        Assert.Contains("10-strict refuses CreateContainer: not today", e.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await _daemon.Runtime.ListContainersAsync(new ListContainersRequest())).Containers);
        refuse = false;
        Assert.Equal(0, (await _daemon.RunToEndAsync(podId, _pod, Cri.Container("app", "true"))).Status.ExitCode);
    }

    [Fact]
    public async Task A_plugin_that_hangs_delays_one_container_and_is_dropped()
    {
        await using FakePlugin plugin = await JoinAsync("10", "hang", p => p.Answers["CreateContainer"] = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return new Api.Empty();
        });
        string podId = await _daemon.RunPodAsync(_pod);
        await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sleep", "1000"));
        await Wait.UntilAsync(
            "the plugin to be dropped",
            () => Task.FromResult(_daemon.LogText.Contains("10-hang is gone: no answer to CreateContainer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Updates_reach_plugins_that_may_change_them_and_plugins_may_update_and_evict()
    {
        await using FakePlugin plugin = await JoinAsync("10", "tuner");
        string podId = await _daemon.RunPodAsync(_pod);
        string id = await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sleep", "1000"));
        plugin.Answer("UpdateContainer", _ => new UpdateContainerResponse { Update = { Update(id, shares: 333) } });
        await _daemon.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest
        {
            ContainerId = id,
            Linux = new LinuxContainerResources { MemoryLimitInBytes = 99 << 20 },
        });
        LinuxContainerResources now = (await _daemon.StatusAsync(id)).Resources.Linux;
        Assert.Equal((99 << 20, 333), (now.MemoryLimitInBytes, now.CpuShares));
        Assert.Contains("PostUpdateContainer", plugin.Methods);

        UpdateContainersResponse response = await plugin.UpdateContainersAsync(
            new UpdateContainersRequest { Update = { Update(id, shares: 444), Update(new string('0', 64), shares: 5) } });
        Assert.Equal(new string('0', 64), Assert.Single(response.Failed).ContainerId);
        Assert.Equal(444, (await _daemon.StatusAsync(id)).Resources.Linux.CpuShares);

        await plugin.UpdateContainersAsync(new UpdateContainersRequest { Evict = { new ContainerEviction { ContainerId = id, Reason = "test" } } });
        Assert.Equal(137, (await _daemon.ExitAsync(id)).ExitCode);
    }

    [Fact]
    public async Task A_plugin_that_comes_late_learns_of_what_is_there()
    {
        string podId = await _daemon.RunPodAsync(_pod);
        string id = await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sleep", "1000"));
        await using FakePlugin plugin = await JoinAsync("10", "late");
        SynchronizeRequest known = Assert.Single(plugin.Requests("Synchronize", SynchronizeRequest.Parser));
        Assert.Equal((podId, id), (Assert.Single(known.Pods).Id, Assert.Single(known.Containers).Id));
    }

    [Fact]
    public async Task A_pod_that_a_plugin_refuses_is_not_there_and_those_asked_before_are_told()
    {
        await using FakePlugin before = await JoinAsync("05", "before");
        await using FakePlugin plugin = await JoinAsync("10", "strict", p =>
        {
            p.Events = 1 << ((int)Event.RunPodSandbox - 1);
            p.Answer("RunPodSandbox", _ => throw new TtrpcException(2, "no room"));
        });
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => _daemon.RunPodAsync(_pod));
        Assert.Contains("no room", e.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await _daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
        Assert.Equal(["RunPodSandbox", "StopPodSandbox", "RemovePodSandbox"], before.Methods.Where(method => method.EndsWith("PodSandbox", StringComparison.Ordinal)));
    }

    private static ContainerUpdate Update(string id, ulong shares) => new()
    {
        ContainerId = id,
        Linux = new LinuxContainerUpdate { Resources = new LinuxResources { Cpu = new LinuxCPU { Shares = new OptionalUInt64 { Value = shares } } } },
    };

    private Task<FakePlugin> JoinAsync(string index, string name, Action<FakePlugin>? prepare = null) => Plugins.JoinAsync(_daemon, index, name, prepare);
}
