using System.Diagnostics;
using System.Text.Json;
using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// How long after the fact its event arrives at a client of GetContainerEvents, one container after another in one pod. The facts: a container is created
/// or removed when that call is answered (an event that is there before counts as 0), it has started at the time that its status in the event gives, and it
/// ends when this program kills its process.
/// </summary>
internal sealed class EventLatency(Target target)
{
    internal const string Created = "event of a creation after its answer";
    internal const string Started = "event of a start after its time";
    internal const string Stopped = "event of an exit after the kill";
    internal const string Deleted = "event of a removal after its answer";

    private const int Unmeasured = 5;

    private readonly Samples _created = new();
    private readonly Samples _started = new();
    private readonly Samples _stopped = new();
    private readonly Samples _deleted = new();

    internal async Task RunAsync(Result result, int count)
    {
        await using EventArrivals events = await EventArrivals.SubscribeAsync(target);
        TestPod pod = await TestPod.StartAsync(target, hostNetwork: true, TestPod.Sleep);
        EventLatency first = new(target);
        for (int i = 0; i < Unmeasured + count; i++)
            await (i < Unmeasured ? first : this).OnceAsync(events, pod, $"one-{i}");
        result.Add(Created, _created.Distribution());
        result.Add(Started, _started.Distribution());
        result.Add(Stopped, _stopped.Distribution());
        result.Add(Deleted, _deleted.Distribution());
        await target.RemoveAllAsync();
    }

    private async Task OnceAsync(EventArrivals events, TestPod pod, string name)
    {
        string container = await pod.CreateAsync(target, name);
        long answered = Stopwatch.GetTimestamp();
        _created.Add((await events.OfAsync(container, ContainerEventType.ContainerCreatedEvent)).After(answered));

        await target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container });
        _started.Add((await events.OfAsync(container, ContainerEventType.ContainerStartedEvent)).SinceStart);

        using (Process process = Process.GetProcessById(await PidAsync(container)))
        {
            long killed = Stopwatch.GetTimestamp();
            process.Kill();
            _stopped.Add((await events.OfAsync(container, ContainerEventType.ContainerStoppedEvent)).After(killed));
        }

        await target.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = container });
        answered = Stopwatch.GetTimestamp();
        _deleted.Add((await events.OfAsync(container, ContainerEventType.ContainerDeletedEvent)).After(answered));
    }

    /// <summary>The container's first process, by the verbose status, where criruntime, containerd and cri-o all have it.</summary>
    private async Task<int> PidAsync(string container)
    {
        ContainerStatusResponse status = await target.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container, Verbose = true });
        using JsonDocument info = JsonDocument.Parse(status.Info["info"]);
        return info.RootElement.GetProperty("pid").GetInt32();
    }
}
