using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>One pod after another through its whole life, each call timed.</summary>
internal sealed class PodLatency(Target target, bool hostNetwork)
{
    private readonly Dictionary<string, Samples> _samples = [];
    private readonly string _network = hostNetwork ? "host network" : "pod network";

    internal async Task RunAsync(Result result, int count)
    {
        await OnceAsync();
        _samples.Clear();
        for (int i = 0; i < count; i++)
            await OnceAsync();
        foreach ((string name, Samples samples) in _samples)
            result.Add($"{name}, {_network}", samples.Distribution());
    }

    private async Task OnceAsync()
    {
        PodSandboxConfig config = target.NewPod(hostNetwork);
        string container = "";
        string pod = "";
        await Sample("pod to running").TimeAsync(async () =>
        {
            pod = (await Sample("RunPodSandbox").TimeAsync(() => target.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config }).ResponseAsync)).PodSandboxId;
            CreateContainerRequest create = new() { PodSandboxId = pod, Config = target.NewContainer("sleep", "100000"), SandboxConfig = config };
            container = (await Sample("CreateContainer").TimeAsync(() => target.Runtime.CreateContainerAsync(create).ResponseAsync)).ContainerId;
            return await Sample("StartContainer").TimeAsync(() => target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container }).ResponseAsync);
        });
        if (hostNetwork)
        {
            ExecSyncRequest exec = new() { ContainerId = container, Cmd = { "true" }, Timeout = 30 };
            for (int i = 0; i < 5; i++)
                await Sample("ExecSync of true").TimeAsync(() => target.Runtime.ExecSyncAsync(exec).ResponseAsync);
        }

        await Sample("pod stopped and removed").TimeAsync(async () =>
        {
            // What a kubelet does with a pod that is over: kill its containers, then the sandbox, then remove both.
            await Sample("StopContainer, no grace").TimeAsync(() => target.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container }).ResponseAsync);
            await Sample("StopPodSandbox").TimeAsync(() => target.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod }).ResponseAsync);
            await Sample("RemoveContainer").TimeAsync(() => target.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = container }).ResponseAsync);
            return await Sample("RemovePodSandbox").TimeAsync(() => target.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod }).ResponseAsync);
        });
    }

    private Samples Sample(string name)
    {
        if (!_samples.TryGetValue(name, out Samples? samples))
            _samples.Add(name, samples = new Samples());
        return samples;
    }
}
