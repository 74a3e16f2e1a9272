using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class SpareTests
{
    [Fact]
    public async Task A_monitor_started_before_its_pod_serves_the_pod_it_is_given_and_outlives_the_daemon()
    {
        await using Pod pod = await Pod.LaunchSpareAsync();
        Assert.Equal("cri-conmon\n", File.ReadAllText($"/proc/{pod.Monitor.Pid}/comm"));
        Assert.Equal("", pod.Monitor.PodId);
        Assert.Empty(Directory.GetFileSystemEntries(pod.PodDirectory));
        await pod.Monitor.AssignAsync(pod.LaunchOptions, Pod.Limit);
        Assert.Equal("test-pod", pod.Monitor.PodId);
        Assert.StartsWith("cri-conmon\0test-pod\0", File.ReadAllText($"/proc/{pod.Monitor.Pid}/cmdline"), StringComparison.Ordinal);
        await pod.RunToEndAsync("c1", "echo", "hello");
        Assert.Equal(["hello"], pod.Log("c1"));
        await pod.Monitor.DisposeAsync();
        await pod.AdoptAsync();
        Assert.Equal("test-pod", pod.Monitor.PodId);
    }

    [Fact]
    public async Task A_spare_ends_with_the_daemon_that_started_it()
    {
        MonitorClient spare = await MonitorClient.LaunchSpareAsync(Pod.ConmonPath, Pod.Limit);
        Task exited = spare.Exited;
        await spare.DisposeAsync();
        await exited.WaitAsync(Pod.Limit);
    }

    [Fact]
    public async Task A_spare_refuses_everything_that_needs_a_pod_and_a_second_pod()
    {
        await using Pod pod = await Pod.LaunchSpareAsync();
        await Refused(MonitorErrorKind.WrongState, () => pod.CreateAsync("c1", "true"));
        await Refused(MonitorErrorKind.Internal, () => pod.Monitor.AssignAsync(pod.LaunchOptions with { PodDirectory = "/no/such/directory" }, Pod.Limit));
        await pod.Monitor.AssignAsync(pod.LaunchOptions, Pod.Limit);
        await Refused(MonitorErrorKind.WrongState, () => pod.Monitor.AssignAsync(pod.LaunchOptions, Pod.Limit));
        Assert.Equal(0, (await pod.RunToEndAsync("c1", "true")).ExitCode);
    }

    private static async Task Refused(MonitorErrorKind kind, Func<Task> request) =>
        Assert.Equal(kind, (await Assert.ThrowsAsync<MonitorException>(request)).Kind);
}
