using CriRuntime.Admin.V1;
using Grpc.Net.Client;
using Runtime.V1;

namespace CriRuntime.Quickstart;

/// <summary>One pod from image to stats and back, in the order in which a kubelet asks for it.</summary>
internal sealed class Demo(GrpcChannel channel, string? image, string busybox)
{
    private const string PodName = "quickstart";
    private static readonly string s_logs = Path.Combine(Path.GetTempPath(), "criruntime-quickstart-logs");

    private readonly RuntimeService.RuntimeServiceClient _runtime = new(channel);
    private readonly ImageService.ImageServiceClient _images = new(channel);
    private readonly AdminService.AdminServiceClient _admin = new(channel);
    private readonly StepTable _steps = new();
    private string? _pod;

    /// <summary>The step under way, for messages.</summary>
    internal string Doing { get; private set; } = "start";

    internal async Task RunAsync(CancellationToken cancelled)
    {
        await RemoveOldPodsAsync(cancelled);
        VersionResponse version = await Step("Version", _runtime.VersionAsync(new VersionRequest(), cancellationToken: cancelled).ResponseAsync, v => $"{v.RuntimeName} {v.RuntimeVersion}");
        string reference = image is null ? await ImportAsync(cancelled) : await PullAsync(image, cancelled);

        PodSandboxConfig pod = PodConfig();
        Directory.CreateDirectory(pod.LogDirectory);
        RunPodSandboxResponse ran = await Step(
            "RunPodSandbox",
            _runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod }, cancellationToken: cancelled).ResponseAsync,
            response => response.PodSandboxId[..12]);
        _pod = ran.PodSandboxId;

        CreateContainerResponse created = await Step(
            "CreateContainer",
            _runtime.CreateContainerAsync(
                new CreateContainerRequest { PodSandboxId = _pod, Config = ContainerConfigOf(reference), SandboxConfig = pod },
                cancellationToken: cancelled).ResponseAsync,
            response => response.ContainerId[..12]);
        await Step("StartContainer", _runtime.StartContainerAsync(new StartContainerRequest { ContainerId = created.ContainerId }, cancellationToken: cancelled).ResponseAsync, _ => "started");

        await ShowAsync(created.ContainerId, Path.Combine(pod.LogDirectory, "web.log"), cancelled);
        _steps.Print(Console.Out);
        Console.WriteLine($"{version.RuntimeName} ran one pod; every line above is one call over the CRI socket.");
    }

    /// <summary>Stops and removes what the demo made. Never throws: it runs when something else already went wrong.</summary>
    internal async Task TearDownAsync(bool removeImage)
    {
        try
        {
            await RemoveOldPodsAsync(CancellationToken.None);
            if (removeImage && image is null)
                await _images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = DemoImage.Name } });
        }
        catch (Exception e) when (e is Grpc.Core.RpcException or HttpRequestException or IOException)
        {
            await Console.Error.WriteLineAsync($"quickstart: clean-up: {e.Message}");
        }

        if (Directory.Exists(s_logs))
            Directory.Delete(s_logs, recursive: true);
    }

    private async Task ShowAsync(string container, string log, CancellationToken cancelled)
    {
        PodSandboxStatusResponse status = await Step(
            "PodSandboxStatus",
            _runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = _pod }, cancellationToken: cancelled).ResponseAsync,
            response => $"{response.Status.State}, IP {response.Status.Network?.Ip}");
        if (image is null)
            await Step("HTTP GET from the pod", GetPageAsync(status.Status.Network?.Ip ?? "", cancelled), page => $"200, {page.Length} bytes");
        ExecSyncResponse exec = await Step(
            "ExecSync id",
            _runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { "id" }, Timeout = 10 }, cancellationToken: cancelled).ResponseAsync,
            response => response.Stdout.ToStringUtf8().Trim());
        if (exec.ExitCode != 0)
            throw new DemoException($"'id' in the container exited with {exec.ExitCode}: {exec.Stderr.ToStringUtf8()}");
        await Step(
            "ContainerStats",
            _runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = container }, cancellationToken: cancelled).ResponseAsync,
            response => $"{response.Stats.Memory?.WorkingSetBytes?.Value / 1024} KiB, {response.Stats.Cpu?.UsageCoreNanoSeconds?.Value / 1_000_000.0:F1} ms CPU");
        Console.WriteLine("\nThe container's log:");
        foreach (string line in await File.ReadAllLinesAsync(log, cancelled))
            Console.WriteLine("  " + line);
    }

    private async Task<string> ImportAsync(CancellationToken cancelled)
    {
        string file = Path.Combine(Path.GetTempPath(), $"criruntime-quickstart-{Environment.ProcessId}.tar");
        try
        {
            await Step("build an image", Task.Run(() => DemoImage.Write(file, busybox), cancelled), size => $"{size / 1024} KiB");
            await Step(
                "import it",
                _admin.ImportImagesAsync(new ImportImagesRequest { Path = file }, cancellationToken: cancelled).ResponseAsync,
                response => response.Images.Single().Names.Single());
        }
        finally
        {
            File.Delete(file);
        }

        return DemoImage.Name;
    }

    private async Task<string> PullAsync(string reference, CancellationToken cancelled)
    {
        await Step(
            "PullImage",
            _images.PullImageAsync(new PullImageRequest { Image = new ImageSpec { Image = reference } }, cancellationToken: cancelled).ResponseAsync,
            response => response.ImageRef);
        return reference;
    }

    /// <summary>The server needs a moment after exec; asks until it answers, 5 s at most.</summary>
    private static async Task<string> GetPageAsync(string ip, CancellationToken cancelled)
    {
        string host = ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip;
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                string page = await http.GetStringAsync(new Uri($"http://{host}:{DemoImage.Port}/"), cancelled);
                return page == DemoImage.Page ? page : throw new DemoException($"the pod answered with another page: {page}");
            }
            catch (HttpRequestException) when (attempt < 100)
            {
                await Task.Delay(50, cancelled);
            }
        }
    }

    private async Task RemoveOldPodsAsync(CancellationToken cancelled)
    {
        ListPodSandboxRequest mine = new() { Filter = new PodSandboxFilter { LabelSelector = { ["app"] = PodName } } };
        foreach (PodSandbox pod in (await _runtime.ListPodSandboxAsync(mine, cancellationToken: cancelled)).Items)
        {
            await _runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod.Id }, cancellationToken: cancelled);
            await _runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod.Id }, cancellationToken: cancelled);
        }
    }

    private Task<T> Step<T>(string step, Task<T> work, Func<T, string> describe)
    {
        Doing = step;
        return _steps.RunAsync(step, () => work, describe);
    }

    private static PodSandboxConfig PodConfig() => new()
    {
        Metadata = new PodSandboxMetadata { Name = PodName, Namespace = "default", Uid = Guid.NewGuid().ToString() },
        Hostname = PodName,
        LogDirectory = s_logs,
        Labels = { ["app"] = PodName },
        Linux = new LinuxPodSandboxConfig(),
    };

    private ContainerConfig ContainerConfigOf(string reference)
    {
        ContainerConfig config = new()
        {
            Metadata = new ContainerMetadata { Name = "web" },
            Image = new ImageSpec { Image = reference },
            LogPath = "web.log",
            Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources { MemoryLimitInBytes = 256 << 20 } },
        };
        if (image is not null)
            config.Command.AddRange(["sh", "-c", "echo started; exec sleep 1000000"]);
        return config;
    }
}
