using System.Diagnostics;
using CriRuntime.Bench.Measuring;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// The daemon killed with pods running, and started again: when it serves, when its lists are whole, and when it has adopted what runs, so
/// that changes are let in. All times begin before the daemon's program is executed.
/// </summary>
internal sealed class Restart(Target target, Daemon daemon)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    internal async Task RunAsync(Result result, int pods, int repeats)
    {
        TestPod[] running = await PodRate.StartManyAsync(target, pods, 8, hostNetwork: true);
        Samples serving = new();
        Samples listed = new();
        Samples adopted = new();
        for (int i = 0; i < repeats; i++)
        {
            // What follows a start or a restart comes to rest first.
            await Task.Delay(2000);
            ProcessStartInfo command = await daemon.KillAsync();
            long started = daemon.Start(command);
            await UntilAsync(started, serving, () => Task.FromResult(target.Listens()), target.NameAsync);
            await UntilAsync(started, listed, () => AllListedAsync(pods));
            await UntilAsync(started, adopted, LetsChangesInAsync);
            foreach (TestPod pod in new[] { running[0], running[^1] })
                await ExecAsync(pod.ContainerId);
        }

        result.Add($"daemon start to serving, {pods} pods", serving.Distribution());
        result.Add($"daemon start to all listed as running, {pods} pods", listed.Distribution());
        result.Add($"daemon start to all adopted, {pods} pods", adopted.Distribution());
        await target.RemoveAllAsync();
    }

    private static async Task UntilAsync(long started, Samples samples, Func<Task<bool>> done, Func<Task>? call = null)
    {
        while (!await SucceedsAsync(done, call))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException("the daemon does not come back");
            await Task.Delay(1);
        }

        samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Whether it is done, and the call behind it was answered; a daemon that is not ready yet says Unavailable or Unknown.</summary>
    private static async Task<bool> SucceedsAsync(Func<Task<bool>> done, Func<Task>? call)
    {
        try
        {
            if (!await done())
                return false;
            await (call?.Invoke() ?? Task.CompletedTask);
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Unknown)
        {
            return false;
        }
    }

    private async Task<bool> AllListedAsync(int pods)
    {
        ListPodSandboxResponse sandboxes = await target.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest());
        ListContainersResponse containers = await target.Runtime.ListContainersAsync(new ListContainersRequest());
        return sandboxes.Items.Count(pod => pod.State == PodSandboxState.SandboxReady) == pods
            && containers.Containers.Count(container => container.State == ContainerState.ContainerRunning) == pods;
    }

    /// <summary>A call that changes something is held back or refused until the daemon knows what lives. This one changes nothing.</summary>
    private async Task<bool> LetsChangesInAsync()
    {
        try
        {
            await target.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = new string('0', 64) });
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return true;
        }
    }

    private async Task ExecAsync(string container)
    {
        ExecSyncResponse answer = await target.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { "true" }, Timeout = 10 });
        if (answer.ExitCode != 0)
            throw new InvalidOperationException($"container {container} is not what it was before the daemon was killed: true ends with {answer.ExitCode}");
    }
}
