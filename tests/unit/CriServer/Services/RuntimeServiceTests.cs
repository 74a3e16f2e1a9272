using System.Text.Json;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;
using Google.Protobuf;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Services;

public sealed class RuntimeServiceTests : IDisposable
{
    private readonly Daemon _daemon = new();
    private readonly RuntimeService _service;
    private readonly ServerCallContext _call = new CallContext();

    public RuntimeServiceTests()
    {
        _daemon.Gate.Open();
        _service = _daemon.Service(new NoStats());
    }

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_pods_life_over_the_api()
    {
        string pod = (await _service.RunPodSandbox(new Cri.RunPodSandboxRequest { Config = PodConfig() }, _call)).PodSandboxId;
        string container = (await _service.CreateContainer(
            new Cri.CreateContainerRequest { PodSandboxId = pod, Config = ContainerConfig() }, _call)).ContainerId;
        await _service.StartContainer(new Cri.StartContainerRequest { ContainerId = container }, _call);

        Cri.ContainerStatus status = (await _service.ContainerStatus(new Cri.ContainerStatusRequest { ContainerId = container }, _call)).Status;
        Assert.Equal(Cri.ContainerState.ContainerRunning, status.State);
        Assert.Equal("busybox", status.Image.Image);
        Assert.Equal(Cri.Signal.Sigterm, status.StopSignal);
        Assert.Equal(1000, status.User.Linux.Uid);
        Assert.Equal(512, status.Resources.Linux.CpuShares);

        await _service.StopContainer(new Cri.StopContainerRequest { ContainerId = container, Timeout = 5 }, _call);
        await _service.RemoveContainer(new Cri.RemoveContainerRequest { ContainerId = container }, _call);
        await _service.StopPodSandbox(new Cri.StopPodSandboxRequest { PodSandboxId = pod }, _call);
        await _service.RemovePodSandbox(new Cri.RemovePodSandboxRequest { PodSandboxId = pod }, _call);
        Assert.Empty((await _service.ListPodSandbox(new Cri.ListPodSandboxRequest(), _call)).Items);
    }

    [Fact]
    public void Every_call_of_the_CRI_is_built() => Assert.All(
        Cri.RuntimeService.Descriptor.Methods,
        method => Assert.Equal(typeof(RuntimeService), typeof(RuntimeService).GetMethod(method.Name)?.DeclaringType));

    [Fact]
    public async Task A_pods_status_has_addresses_namespaces_and_what_inspectp_shows()
    {
        string pod = (await _service.RunPodSandbox(new Cri.RunPodSandboxRequest { Config = PodConfig() }, _call)).PodSandboxId;
        Cri.PodSandboxStatusResponse response =
            await _service.PodSandboxStatus(new Cri.PodSandboxStatusRequest { PodSandboxId = pod[..13], Verbose = true }, _call);
        Assert.Equal("10.1.2.3", response.Status.Network.Ip);
        Assert.Equal("fd00::3", Assert.Single(response.Status.Network.AdditionalIps).Ip);
        Assert.Equal(Cri.NamespaceMode.Container, response.Status.Linux.Namespaces.Options.Pid);
        using JsonDocument info = JsonDocument.Parse(response.Info["info"]);
        Assert.Equal(pod, info.RootElement.GetProperty("sandboxId").GetString());
        Assert.True(info.RootElement.GetProperty("runtimeSpec").TryGetProperty("linux", out _));
        Assert.Equal(4242, info.RootElement.GetProperty("monitorPid").GetInt32());
    }

    [Fact]
    public async Task A_containers_verbose_status_has_its_spec()
    {
        (_, string id) = await _daemon.RunningAsync();
        Cri.ContainerStatusResponse response =
            await _service.ContainerStatus(new Cri.ContainerStatusRequest { ContainerId = id, Verbose = true }, _call);
        using JsonDocument info = JsonDocument.Parse(response.Info["info"]);
        Assert.Equal("sh", info.RootElement.GetProperty("runtimeSpec").GetProperty("process").GetProperty("args")[0].GetString());
        Assert.True(info.RootElement.GetProperty("pid").GetInt32() > 0);
    }

    [Fact]
    public async Task Lists_are_filtered_by_id_state_pod_and_labels()
    {
        (string pod, string container) = await _daemon.RunningAsync();
        Assert.Single((await ListAsync(new Cri.ContainerFilter { Id = container[..10] })).Containers);
        Assert.Single((await ListAsync(new Cri.ContainerFilter { PodSandboxId = pod })).Containers);
        Assert.Empty((await ListAsync(new Cri.ContainerFilter { PodSandboxId = "beef" })).Containers);
        Assert.Empty((await ListAsync(new Cri.ContainerFilter { State = new Cri.ContainerStateValue { State = Cri.ContainerState.ContainerExited } })).Containers);
        Assert.Empty((await ListAsync(new Cri.ContainerFilter { LabelSelector = { ["a"] = "b" } })).Containers);
        Cri.PodSandboxFilter ready = new() { State = new Cri.PodSandboxStateValue { State = Cri.PodSandboxState.SandboxReady } };
        Assert.Single((await _service.ListPodSandbox(new Cri.ListPodSandboxRequest { Filter = ready }, _call)).Items);
    }

    [Fact]
    public async Task A_pod_that_is_being_made_is_not_seen()
    {
        TaskCompletionSource slow = new();
        _daemon.Network.BeforeAttach = () => slow.Task;
        Task running = _service.RunPodSandbox(new Cri.RunPodSandboxRequest { Config = PodConfig() }, _call);
        Assert.Empty((await _service.ListPodSandbox(new Cri.ListPodSandboxRequest(), _call)).Items);
        slow.SetResult();
        await running;
    }

    [Fact]
    public async Task Requests_without_what_they_need_are_refused_by_the_fields_name()
    {
        await RefusedAsync(() => _service.RunPodSandbox(new Cri.RunPodSandboxRequest(), _call), "config");
        await RefusedAsync(() => _service.RunPodSandbox(new Cri.RunPodSandboxRequest { Config = new Cri.PodSandboxConfig() }, _call), "config.metadata");
        await RefusedAsync(() => _service.CreateContainer(new Cri.CreateContainerRequest { PodSandboxId = "x" }, _call), "config");
        await RefusedAsync(
            () => _service.CreateContainer(new Cri.CreateContainerRequest { PodSandboxId = "x", Config = new Cri.ContainerConfig() }, _call), "metadata");
        await RefusedAsync(() => _service.StopPodSandbox(new Cri.StopPodSandboxRequest(), _call), "pod_sandbox_id");
        await RefusedAsync(() => _service.RemovePodSandbox(new Cri.RemovePodSandboxRequest(), _call), "pod_sandbox_id");
        await RefusedAsync(() => _service.PodSandboxStatus(new Cri.PodSandboxStatusRequest(), _call), "pod_sandbox_id");
        await RefusedAsync(() => _service.StartContainer(new Cri.StartContainerRequest(), _call), "container_id");
        await RefusedAsync(() => _service.StopContainer(new Cri.StopContainerRequest(), _call), "container_id");
        await RefusedAsync(() => _service.RemoveContainer(new Cri.RemoveContainerRequest(), _call), "container_id");
        await RefusedAsync(() => _service.ContainerStatus(new Cri.ContainerStatusRequest(), _call), "container_id");
        await RefusedAsync(() => _service.ReopenContainerLog(new Cri.ReopenContainerLogRequest(), _call), "container_id");
        await RefusedAsync(() => _service.ExecSync(new Cri.ExecSyncRequest(), _call), "container_id");
        Assert.Empty(_daemon.State.Pods.Current);
    }

    [Fact]
    public async Task The_network_is_reported_as_it_is()
    {
        Cri.StatusResponse ready = await _service.Status(new Cri.StatusRequest { Verbose = true }, _call);
        Assert.All(ready.Status.Conditions, condition => Assert.True(condition.Status));
        Assert.Contains("/run", ready.Info["config"], StringComparison.Ordinal);
        _daemon.Network.NotReadyReason = "no network config in /etc/cni/net.d";
        Cri.StatusResponse not = await _service.Status(new Cri.StatusRequest(), _call);
        Cri.RuntimeCondition network = not.Status.Conditions.Single(c => c.Type == "NetworkReady");
        Assert.Equal((false, "no network config in /etc/cni/net.d"), (network.Status, network.Message));
    }

    [Fact]
    public async Task A_list_of_a_thousand_containers_has_them_all()
    {
        for (int i = 0; i < 1000; i++)
        {
            _daemon.State.Containers.Adopt(new Container
            {
                Id = ObjectId.New(),
                SandboxId = "p",
                Config = Daemon.ContainerConfig($"c{i}"),
                Phase = ContainerPhase.Running,
            });
        }

        Assert.Equal(1000, (await ListAsync(null)).Containers.DistinctBy(container => container.Id).Count());
    }

    [Fact]
    public void Every_signal_of_the_api_has_a_number()
    {
        foreach (Cri.Signal signal in Enum.GetValues<Cri.Signal>().Where(s => s != Cri.Signal.RuntimeDefault))
            Assert.NotNull(StopSignals.Parse(signal.ToDomain()));
        Assert.Equal(Cri.Signal.Sigrtminplus3, SignalTranslation.ToCri(37));
    }

    [Fact]
    public void The_order_of_maps_on_the_wire_does_not_matter()
    {
        Cri.PodSandboxConfig one = PodConfig();
        Cri.PodSandboxConfig other = PodConfig();
        one.Labels.Add(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
        other.Labels.Add(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        Assert.Equal(StateJson.Write(one.ToDomain()), StateJson.Write(other.ToDomain()));
    }

    private static Cri.PodSandboxConfig PodConfig() => new()
    {
        Metadata = new Cri.PodSandboxMetadata { Name = "web", Namespace = "default", Uid = "u" },
        Hostname = "web",
        Linux = new Cri.LinuxPodSandboxConfig
        {
            SecurityContext = new Cri.LinuxSandboxSecurityContext { NamespaceOptions = new Cri.NamespaceOption { Pid = Cri.NamespaceMode.Container } },
        },
    };

    private static Cri.ContainerConfig ContainerConfig() => new()
    {
        Metadata = new Cri.ContainerMetadata { Name = "app" },
        Image = new Cri.ImageSpec { Image = "busybox" },
        Envs = { new Cri.KeyValue { Key = "RAW", Value = ByteString.CopyFrom(0xFF) } },
        Linux = new Cri.LinuxContainerConfig
        {
            Resources = new Cri.LinuxContainerResources { CpuShares = 512 },
            SecurityContext = new Cri.LinuxContainerSecurityContext { RunAsUser = new Cri.Int64Value { Value = 1000 } },
        },
    };

    private static async Task RefusedAsync(Func<Task> request, string field)
    {
        CriException refused = await Assert.ThrowsAsync<CriException>(request);
        Assert.Equal(CriErrorKind.InvalidArgument, refused.Kind);
        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    private Task<Cri.ListContainersResponse> ListAsync(Cri.ContainerFilter? filter) =>
        _service.ListContainers(new Cri.ListContainersRequest { Filter = filter }, _call);

    private sealed class NoStats : IStatsSource
    {
        public Cri.ContainerStats OfContainer(Container container) => new();

        public Cri.PodSandboxStats OfPod(PodSandbox pod, IReadOnlyList<Container> containers) => new();
    }
}
