using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class LaunchMomentTests
{
    [Fact]
    public async Task A_container_whose_plan_is_timed_tells_when_each_stage_of_its_launch_began()
    {
        await using Pod pod = await Pod.LaunchAsync();
        long before = RealtimeClock.Nanoseconds();
        IReadOnlyList<LaunchMoment> moments = await pod.CreateTimedAsync("c", timed: true);
        CheckTimes(before, moments);
        Assert.Equal(
            [LaunchStage.Prepare, LaunchStage.Clone, LaunchStage.Namespaces, LaunchStage.Mounts, LaunchStage.Pivot, LaunchStage.Confine, LaunchStage.Ready],
            moments.Select(moment => moment.Stage));
        await pod.Monitor.StartContainerAsync("c", Pod.Limit); // it is a container like any other
    }

    [Theory]
    [InlineData(false, new[] { LaunchStage.Prepare, LaunchStage.Clone, LaunchStage.Namespaces, LaunchStage.Mounts, LaunchStage.Ready })]
    [InlineData(true, new[] { LaunchStage.Prepare, LaunchStage.Clone, LaunchStage.Namespaces, LaunchStage.Mounts, LaunchStage.Pivot, LaunchStage.Confine, LaunchStage.Ready })]
    public async Task So_does_a_sandbox_with_and_without_a_process_that_stays(bool sharedPids, LaunchStage[] expected)
    {
        await using Pod pod = await Pod.LaunchAsync();
        long before = RealtimeClock.Nanoseconds();
        IReadOnlyList<LaunchMoment> moments = (await pod.CreateSandboxAsync(sharedPids, timed: true)).All;
        CheckTimes(before, moments);
        Assert.Equal(expected, moments.Select(moment => moment.Stage));
    }

    [Fact]
    public async Task And_a_further_process_in_a_container()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int container = await pod.RunAsync("c", "sleep", "600");
        long before = RealtimeClock.Nanoseconds();
        MonitorExec exec = await pod.StartTimedExecAsync("c", container, "true");
        CheckTimes(before, exec.Moments.All);
        Assert.Equal([LaunchStage.Prepare, LaunchStage.Clone, LaunchStage.Namespaces, LaunchStage.Confine], exec.Moments.All.Select(moment => moment.Stage));
        Assert.Equal(0, await exec.ExitCode.WaitAsync(Pod.Limit));
        Assert.Empty((await pod.StartExecAsync("c", container, new ExecRequest("c", default), "true")).Moments.All);
    }

    [Fact]
    public async Task Nothing_is_told_of_a_launch_that_is_not_timed()
    {
        await using Pod pod = await Pod.LaunchAsync();
        Assert.Empty((await pod.CreateSandboxAsync()).All);
        Assert.Empty(await pod.CreateTimedAsync("c", timed: false));
    }

    private static void CheckTimes(long before, IReadOnlyList<LaunchMoment> moments)
    {
        long[] times = [before, .. moments.Select(moment => moment.At), RealtimeClock.Nanoseconds()];
        Assert.Equal(times.Order(), times);
    }
}
