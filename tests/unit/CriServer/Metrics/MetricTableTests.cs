using CriRuntime.CriServer.Metrics;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Metrics;

public sealed class MetricTableTests
{
    /// <summary>What cri-tools asserts (pkg/validate/pod.go).</summary>
    private const string Asserted = """
        container_blkio_device_usage_total container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total
        container_cpu_cfs_throttled_seconds_total container_cpu_system_seconds_total container_cpu_usage_seconds_total
        container_cpu_user_seconds_total container_file_descriptors container_fs_inodes_free container_fs_inodes_total
        container_fs_limit_bytes container_fs_reads_bytes_total container_fs_reads_total container_fs_usage_bytes
        container_fs_writes_bytes_total container_fs_writes_total container_hugetlb_max_usage_bytes container_hugetlb_usage_bytes
        container_last_seen container_memory_cache container_memory_failcnt container_memory_failures_total container_memory_kernel_usage
        container_memory_mapped_file container_memory_max_usage_bytes container_memory_rss container_memory_swap container_memory_usage_bytes
        container_memory_working_set_bytes container_network_receive_bytes_total container_network_receive_errors_total
        container_network_receive_packets_dropped_total container_network_receive_packets_total container_network_transmit_bytes_total
        container_network_transmit_errors_total container_network_transmit_packets_dropped_total container_network_transmit_packets_total
        container_oom_events_total container_pressure_cpu_stalled_seconds_total container_pressure_cpu_waiting_seconds_total
        container_pressure_io_stalled_seconds_total container_pressure_io_waiting_seconds_total container_pressure_memory_stalled_seconds_total
        container_pressure_memory_waiting_seconds_total container_processes container_sockets container_spec_cpu_period container_spec_cpu_quota
        container_spec_cpu_shares container_spec_memory_limit_bytes container_spec_memory_reservation_limit_bytes
        container_spec_memory_swap_limit_bytes container_start_time_seconds container_threads container_threads_max container_ulimits_soft
        """;

    [Fact]
    public void There_is_a_descriptor_for_each_name_of_cAdvisor_that_the_conformance_suite_asserts()
    {
        string[] names = Asserted.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(names, MetricTable.Descriptors.Descriptors.Select(each => each.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_descriptor_is_there_once_with_a_text_and_its_own_labels()
    {
        Assert.Equal(MetricTable.All.Length, MetricTable.All.DistinctBy(each => each.Name).Count());
        Assert.All(MetricTable.Descriptors.Descriptors, each =>
        {
            Assert.NotEmpty(each.Help);
            Assert.Equal(["id", "image", "namespace", "pod", "container"], each.LabelKeys.Take(5));
            Assert.Equal(each.LabelKeys.Count, each.LabelKeys.Distinct().Count());
        });
    }

    [Fact]
    public void A_page_ends_at_a_hundred_pods_or_ten_thousand_metrics()
    {
        Cri.PodSandboxMetrics[] small = [.. Enumerable.Range(0, 250).Select(i => Pod($"{i}", 1))];
        Cri.PodSandboxMetrics[][] pages = [.. MetricPages.Of(small)];
        Assert.Equal([100, 100, 50], pages.Select(page => page.Length));
        Assert.Equal(small.Select(pod => pod.PodSandboxId), pages.SelectMany(page => page).Select(pod => pod.PodSandboxId));

        Assert.Equal([2, 1], MetricPages.Of([Pod("a", 6000), Pod("b", 6000), Pod("c", 1)]).Select(page => page.Length));
        Assert.Empty(MetricPages.Of([]));
    }

    private static Cri.PodSandboxMetrics Pod(string id, int metrics) => new()
    {
        PodSandboxId = id,
        ContainerMetrics = { new Cri.ContainerMetrics { Metrics = { Enumerable.Repeat(new Cri.Metric(), metrics) } } },
    };
}
