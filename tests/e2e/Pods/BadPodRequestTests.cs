using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Pods;

[Collection(SharedDaemonCollection.Name)]
public sealed class BadPodRequestTests(SharedDaemon shared)
{
    private readonly Daemon _daemon = shared.Daemon;

    public static TheoryData<string, Action<PodSandboxConfig>> BadConfigs => new()
    {
        { "metadata", pod => pod.Metadata = null },
        { "name", pod => pod.Metadata.Name = "" },
        { "name", pod => pod.Metadata.Name = new string('x', 1 << 20) },
        { "cgroup_parent", pod => pod.Linux.CgroupParent = "/kubepods/../../etc" },
        { "log_directory", pod => pod.LogDirectory = "relative/path" },
        { "log_directory", pod => pod.LogDirectory = "/var/log/../../etc" },
        { "hostname", pod => pod.Hostname = "a\nb" },
        { "sysctl", pod => { pod.Linux.SecurityContext.NamespaceOptions.Network = NamespaceMode.Pod; pod.Linux.Sysctls["net.core.somaxconn"] = "1\n2"; } },
        { "sysctl", pod => pod.Linux.Sysctls["kernel.core_pattern"] = "|/bin/sh" },
    };

    [Theory]
    [MemberData(nameof(BadConfigs))]
    public async Task A_bad_pod_is_refused_by_name_of_the_field_and_leaves_nothing(string field, Action<PodSandboxConfig> spoil)
    {
        PodSandboxConfig pod = _daemon.Pod("bad");
        spoil(pod);
        int before = (await _daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items.Count;
        string message = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.RunPodAsync(pod));
        Assert.Contains(field, message, StringComparison.Ordinal);
        Assert.True(message.Length < 2000, "a huge value is not echoed");
        Assert.Equal(before, (await _daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items.Count);
    }

    [Fact]
    public async Task An_unknown_runtime_handler_is_refused_by_name()
    {
        RunPodSandboxRequest request = new() { Config = _daemon.Pod("handler"), RuntimeHandler = "kata" };
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.Runtime.RunPodSandboxAsync(request).ResponseAsync);
        Assert.Contains("kata", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("nope")]
    public async Task Status_of_an_id_that_is_none_is_not_found_or_invalid(string id)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.PodStatusAsync(id));
        Assert.Contains(refused.StatusCode, new[] { StatusCode.NotFound, StatusCode.InvalidArgument });
    }
}
