using System.Net.Sockets;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Metrics;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.Stats;
using CriRuntime.CriServer.Tests.Fakes;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Metrics;

public sealed class PodMetricsTests : IDisposable
{
    private const int NoSuchProcess = int.MaxValue;

    private readonly Daemon _daemon = new();
    private CgroupTree? _tree;

    public void Dispose()
    {
        _tree?.Dispose();
        _daemon.Dispose();
    }

    [Fact]
    public async Task Figures_of_cgroup_v1_files_have_cAdvisors_names_and_units()
    {
        Container container = await RunAsync(CgroupTree.V1());
        Write(container, "cpuacct", ("cpuacct.usage", "7900000000"), ("cpuacct.usage_user", "5100000000"), ("cpuacct.usage_sys", "2800000000"));
        Write(container, "cpu", ("cpu.stat", "nr_periods 40\nnr_throttled 7\nthrottled_time 3200000000"));
        Write(container, "memory",
            ("memory.usage_in_bytes", "9000"), ("memory.max_usage_in_bytes", "12000"), ("memory.failcnt", "5"), ("memory.kmem.usage_in_bytes", "800"),
            ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2"),
            ("memory.stat", "cache 1\npgfault 11\npgmajfault 1\nhierarchical_memsw_limit 65536\ntotal_cache 4000\ntotal_rss 3000\ntotal_mapped_file 500\ntotal_swap 60\n"
                + "total_pgfault 33\ntotal_pgmajfault 3\ntotal_inactive_file 1000"));
        Write(container, "pids", ("pids.current", "6"), ("pids.max", "512"));
        Write(container, "blkio",
            ("blkio.throttle.io_service_bytes_recursive", "999:1 Read 4096\n999:1 Write 8192\n999:1 Total 12288\nTotal 12288"),
            ("blkio.throttle.io_serviced_recursive", "999:1 Read 2\n999:1 Write 3\n999:1 Total 5\nTotal 5"));
        Write(container, "unified", ("cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=4500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1500000"));

        Dictionary<string, ulong> values = ValuesOf(container);
        Assert.Equal(7u, values["container_cpu_usage_seconds_total total"]);
        Assert.Equal(5u, values["container_cpu_user_seconds_total"]);
        Assert.Equal(2u, values["container_cpu_system_seconds_total"]);
        Assert.Equal(40u, values["container_cpu_cfs_periods_total"]);
        Assert.Equal(7u, values["container_cpu_cfs_throttled_periods_total"]);
        Assert.Equal(3u, values["container_cpu_cfs_throttled_seconds_total"]);
        AssertMemory(values);
        Assert.Equal(11u, values["container_memory_failures_total pgfault container"]);
        Assert.Equal(33u, values["container_memory_failures_total pgfault hierarchy"]);
        Assert.Equal(1u, values["container_memory_failures_total pgmajfault container"]);
        Assert.Equal(3u, values["container_memory_failures_total pgmajfault hierarchy"]);
        AssertDevice(values);
        Assert.Equal(6u, values["container_threads"]);
        Assert.Equal(512u, values["container_threads_max"]);
        Assert.Equal(4u, values["container_pressure_cpu_waiting_seconds_total"]);
        Assert.Equal(1u, values["container_pressure_cpu_stalled_seconds_total"]);
    }

    [Fact]
    public async Task Figures_of_cgroup_v2_files_have_the_same_names()
    {
        Container container = await RunAsync(CgroupTree.V2());
        Write(container, "",
            ("cpu.stat", "usage_usec 7900000\nuser_usec 5100000\nsystem_usec 2800000\nnr_periods 40\nnr_throttled 7\nthrottled_usec 3200000"),
            ("memory.current", "9000"), ("memory.peak", "12000"), ("memory.max", "max"), ("memory.swap.current", "60"), ("memory.swap.max", "max"),
            ("memory.events", "low 0\nhigh 1\nmax 5\noom 2\noom_kill 2\noom_group_kill 0"),
            ("memory.stat", "anon 3000\nfile 4000\nkernel 800\nfile_mapped 500\ninactive_file 1000\npgfault 33\npgmajfault 3"),
            ("pids.current", "6"), ("pids.max", "max"),
            ("io.stat", "8:0\n999:1 rbytes=4096 wbytes=8192 rios=2 wios=3 dbytes=0 dios=0"),
            ("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=999999"),
            ("io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=8000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=6000000"));

        Dictionary<string, ulong> values = ValuesOf(container);
        Assert.Equal(7u, values["container_cpu_usage_seconds_total total"]);
        Assert.Equal(5u, values["container_cpu_user_seconds_total"]);
        Assert.Equal(3u, values["container_cpu_cfs_throttled_seconds_total"]);
        AssertMemory(values);
        Assert.Equal(33u, values["container_memory_failures_total pgfault container"]);
        AssertDevice(values);
        Assert.Equal(0u, values["container_threads_max"]);
        Assert.Equal(2u, values["container_pressure_memory_waiting_seconds_total"]);
        Assert.Equal(0u, values["container_pressure_memory_stalled_seconds_total"]);
        Assert.Equal(8u, values["container_pressure_io_waiting_seconds_total"]);
        Assert.Equal(6u, values["container_pressure_io_stalled_seconds_total"]);
        Assert.DoesNotContain("container_pressure_cpu_waiting_seconds_total", values.Keys);
    }

    [Fact]
    public async Task Every_metric_has_a_descriptor_with_as_many_labels_and_the_same_labels_never_come_twice()
    {
        Container container = await RunAsync(CgroupTree.V2());
        Write(container, "", ("cpu.stat", "usage_usec 1"), ("memory.current", "1"), ("pids.current", "1"), ("cgroup.procs", $"{Environment.ProcessId}"),
            ("io.stat", "999:1 rbytes=1 wbytes=1 rios=1 wios=1\n999:2 rbytes=1 wbytes=1 rios=1 wios=1"),
            ("cpu.pressure", "some total=1\nfull total=1"), ("memory.pressure", "some total=1\nfull total=1"), ("io.pressure", "some total=1\nfull total=1"));
        SetPid(container, Environment.ProcessId);
        Dictionary<string, MetricDefinition> known = MetricTable.All.ToDictionary(each => each.Name);

        Cri.PodSandboxMetrics pod = Assert.Single(_daemon.Metrics.Measure());
        Cri.Metric[] all = [.. pod.Metrics, .. Assert.Single(pod.ContainerMetrics).Metrics];
        Assert.All(all, metric =>
        {
            Assert.Equal(5 + known[metric.Name].ExtraLabels.Length, metric.LabelValues.Count);
            Assert.Equal(known[metric.Name].Type, metric.MetricType);
            Assert.True(metric.Timestamp > 0);
        });
        Assert.Equal(all.Length, all.DistinctBy(metric => metric.Name + '\n' + string.Join('\n', metric.LabelValues)).Count());
    }

    [Fact]
    public async Task Labels_say_which_container_of_which_pod()
    {
        Container container = await RunAsync(CgroupTree.V2());
        Cri.ContainerMetrics metrics = Assert.Single(Assert.Single(_daemon.Metrics.Measure()).ContainerMetrics);
        Assert.Equal(container.Id, metrics.ContainerId);
        Assert.Equal([container.Id, "busybox", "default", "web", "app"], metrics.Metrics[0].LabelValues.Take(5));
    }

    [Fact]
    public async Task Processes_descriptors_and_sockets_are_those_of_the_cgroups_processes()
    {
        Container container = await RunAsync(CgroupTree.V2());
        Write(container, "", ("cgroup.procs", $"{Environment.ProcessId}\n{NoSuchProcess}"));
        SetPid(container, Environment.ProcessId);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        Dictionary<string, ulong> values = ValuesOf(container);
        Assert.Equal(2u, values["container_processes"]);
        Assert.InRange(values["container_sockets"], 1u, values["container_file_descriptors"] - 3);
        string limits = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        Assert.Equal(limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], $"{values["container_ulimits_soft max_open_files"]}");
    }

    [Fact]
    public async Task A_container_whose_processes_and_cgroup_are_gone_has_what_is_known_without_them()
    {
        Container container = await RunAsync(CgroupTree.V2());
        SetPid(container, NoSuchProcess);
        _daemon.Layers.MountPoint = "/nowhere/at/all";

        Cri.PodSandboxMetrics pod = Assert.Single(_daemon.Metrics.Measure());
        Assert.Empty(pod.Metrics);
        Dictionary<string, ulong> values = ValuesOf(container);
        Assert.Equal(0u, values["container_processes"]);
        Assert.True(values["container_start_time_seconds"] > 0);
        Assert.DoesNotContain("container_cpu_usage_seconds_total total", values.Keys);
        Assert.DoesNotContain("container_fs_limit_bytes", values.Keys);
    }

    [Fact]
    public async Task Only_living_containers_of_ready_pods_are_measured()
    {
        Container container = await RunAsync(CgroupTree.V2());
        await _daemon.Stop.ExecuteAsync(container.Id, 1, CancellationToken.None);
        Assert.Empty(Assert.Single(_daemon.Metrics.Measure()).ContainerMetrics);
        await _daemon.StopPod.ExecuteAsync(container.SandboxId, CancellationToken.None);
        Assert.Empty(_daemon.Metrics.Measure());
    }

    [Fact]
    public async Task The_specification_and_the_layer_are_reported_in_bytes_and_microseconds()
    {
        Container container = await RunAsync(CgroupTree.V2());
        _daemon.State.Containers.Transition(container.Id, old => old with
        {
            StartedAt = 5_900_000_000,
            Config = old.Config with
            {
                Resources = new ContainerResources
                {
                    CpuPeriod = 50_000,
                    CpuQuota = 20_000,
                    CpuShares = 512,
                    MemoryLimit = 65536,
                    MemorySwapLimit = 131072,
                    Unified = new(StringComparer.Ordinal) { ["memory.min"] = "4096" },
                },
            },
        });
        _daemon.Layers.Uses[container.Id] = new LayerUse(777, 8, 1);

        Dictionary<string, ulong> values = ValuesOf(container);
        Assert.Equal(50_000u, values["container_spec_cpu_period"]);
        Assert.Equal(20_000u, values["container_spec_cpu_quota"]);
        Assert.Equal(512u, values["container_spec_cpu_shares"]);
        Assert.Equal(65536u, values["container_spec_memory_limit_bytes"]);
        Assert.Equal(131072u, values["container_spec_memory_swap_limit_bytes"]);
        Assert.Equal(4096u, values["container_spec_memory_reservation_limit_bytes"]);
        Assert.Equal(5u, values["container_start_time_seconds"]);
        Assert.Equal(777u, values["container_fs_usage_bytes"]);
        Assert.True(values["container_fs_limit_bytes"] > 0);
    }

    [Fact]
    public async Task A_pod_on_the_hosts_network_does_not_count_the_hosts_traffic_as_its_own()
    {
        _daemon.Hierarchy = (_tree = CgroupTree.V2()).Hierarchy;
        string pod = await _daemon.RunAsync(Daemon.PodConfig(hostNetwork: true));
        string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        SetPid(_daemon.State.Containers.Get(id), Environment.ProcessId);
        Assert.Empty(Assert.Single(_daemon.Metrics.Measure()).Metrics);
    }

    [Fact]
    public void Each_interface_but_the_loopback_has_its_own_counters()
    {
        IReadOnlyList<InterfaceCounters> interfaces = NetworkCounters.ParseInterfaces(
        [
            "Inter-|   Receive                                                |  Transmit",
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
            "    lo:     900       9    0    0    0     0          0         0      900       9    0    0    0     0       0          0",
            "  eth0:    1000      10    1    2    0     0          0         0     2000      20    3    4    0     0       0          0",
        ]);
        Cri.PodSandboxMetrics pod = new();
        NetworkMetrics.AddTo(new MetricRows(["id", "", "ns", "pod", "POD"], 1, pod.Metrics), interfaces);
        Assert.Equal(
            ["receive_bytes 1000", "receive_packets 10", "receive_packets_dropped 2", "receive_errors 1",
                "transmit_bytes 2000", "transmit_packets 20", "transmit_packets_dropped 4", "transmit_errors 3"],
            pod.Metrics.Select(each => $"{each.Name["container_network_".Length..^"_total".Length]} {each.Value.Value}"));
        Assert.All(pod.Metrics, each => Assert.Equal("eth0", each.LabelValues[5]));
    }

    private static void AssertMemory(Dictionary<string, ulong> values)
    {
        Assert.Equal(9000u, values["container_memory_usage_bytes"]);
        Assert.Equal(8000u, values["container_memory_working_set_bytes"]);
        Assert.Equal(12000u, values["container_memory_max_usage_bytes"]);
        Assert.Equal(4000u, values["container_memory_cache"]);
        Assert.Equal(3000u, values["container_memory_rss"]);
        Assert.Equal(500u, values["container_memory_mapped_file"]);
        Assert.Equal(800u, values["container_memory_kernel_usage"]);
        Assert.Equal(60u, values["container_memory_swap"]);
        Assert.Equal(5u, values["container_memory_failcnt"]);
        Assert.Equal(2u, values["container_oom_events_total"]);
    }

    /// <summary>A device that this host does not have goes by its numbers.</summary>
    private static void AssertDevice(Dictionary<string, ulong> values)
    {
        Assert.Equal(4096u, values["container_fs_reads_bytes_total 999:1"]);
        Assert.Equal(8192u, values["container_fs_writes_bytes_total 999:1"]);
        Assert.Equal(2u, values["container_fs_reads_total 999:1"]);
        Assert.Equal(3u, values["container_fs_writes_total 999:1"]);
        Assert.Equal(4096u, values["container_blkio_device_usage_total 999:1 999 1 Read"]);
        Assert.Equal(8192u, values["container_blkio_device_usage_total 999:1 999 1 Write"]);
        Assert.DoesNotContain(values.Keys, key => key.Contains("8:0", StringComparison.Ordinal));
    }

    private async Task<Container> RunAsync(CgroupTree tree)
    {
        _daemon.Hierarchy = (_tree = tree).Hierarchy;
        (_, string id) = await _daemon.RunningAsync();
        SetPid(_daemon.State.Containers.Get(id), 0);
        return _daemon.State.Containers.Get(id);
    }

    private void SetPid(Container container, int pid) => _daemon.State.Containers.Transition(container.Id, old => old with { Pid = pid });

    private void Write(Container container, string controller, params (string File, string Text)[] files)
    {
        foreach ((string file, string text) in files)
            _tree!.Write(container.CgroupPath, controller, file, text);
    }

    /// <summary>By name and extra labels, with spaces between.</summary>
    private Dictionary<string, ulong> ValuesOf(Container container) =>
        _daemon.Metrics.Measure().Single().ContainerMetrics.Single(each => each.ContainerId == container.Id).Metrics
            .ToDictionary(each => string.Join(' ', each.LabelValues.Skip(5).Prepend(each.Name)), each => each.Value.Value);
}
