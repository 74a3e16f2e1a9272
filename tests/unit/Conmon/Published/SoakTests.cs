using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class SoakTests
{
    /// <summary>The short form of tests/bench/Soak: a clone that hung would hold its request until the limit.</summary>
    [Fact]
    public async Task Two_thousand_clones_with_log_traffic_beside_them_all_come_back()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("noise", "sh", "-c", "while :; do seq 1 2000; done > /dev/stdout");
        int pid = await pod.RunAsync("target", "sleep", "1000");
        for (int i = 0; i < 250; i++)
        {
            (int ExitCode, string Output)[] results = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(n => pod.ExecAsync("target", pid, "echo", $"{n}")));
            Assert.Equal(Enumerable.Range(0, 8).Select(n => (0, $"{n}\n")), results);
            if (i % 25 == 24)
            {
                File.Delete(pod.LogPath("noise"));
                await pod.Monitor.ReopenLogAsync("noise", Pod.Limit);
            }
        }

        await pod.Monitor.KillAllAsync("noise", Pod.Limit);
        ContainerExit exit = await pod.ExitOfAsync("noise");
        Assert.Equal(137, exit.ExitCode);
    }
}
