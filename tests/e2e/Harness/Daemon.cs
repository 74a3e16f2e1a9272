using System.Diagnostics;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Runtime.V1;

namespace CriRuntime.E2e.Harness;

/// <summary>
/// A criruntime of the test's own: the published program with its own root, run directory, socket, CNI configuration and cgroup.
/// Disposing removes every pod, ends it by SIGTERM and fails the test when anything is left behind or an error was logged
/// that the test did not expect.
/// </summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static int s_count;
    private readonly StringBuilder _log = new();
    private readonly List<string> _expectedErrors = [];
    private readonly DaemonCgroups _cgroups;
    private Process? _process;
    private GrpcChannel? _channel;

    private Daemon(string name)
    {
        Base = $"/run/e2e/{name}-{Interlocked.Increment(ref s_count)}";
        _cgroups = DaemonCgroups.For(Path.GetFileName(Base));
        Directory.CreateDirectory(CniConfDir);
        Directory.CreateDirectory(Path.Combine(Base, "logs"));
    }

    /// <summary>The directory that holds everything of this daemon.</summary>
    internal string Base { get; }

    internal string Root => Path.Combine(Base, "root");

    internal string Run => Path.Combine(Base, "run");

    internal string Socket => Path.Combine(Base, "cri.sock");

    internal string NriSocket => Path.Combine(Base, "nri", "nri.sock");

    internal string NriPluginDir => Path.Combine(Base, "nri-plugins");

    internal string CniConfDir => Path.Combine(Base, "net.d");

    /// <summary>The path of the cgroup that holds this daemon's pods and monitors.</summary>
    internal string Cgroup => _cgroups.Path;

    /// <summary>The program, and what it is started by; the published one unless a test sets another, which then finds its monitor by itself.</summary>
    internal IReadOnlyList<string> Command { get; set; } = [Programs.CriRuntime, "--conmon", Programs.CriConmon];

    internal int Pid => _process!.Id;

    internal RuntimeService.RuntimeServiceClient Runtime => new(_channel!);

    internal ImageService.ImageServiceClient Images => new(_channel!);

    internal CriRuntime.Admin.V1.AdminService.AdminServiceClient Admin => new(_channel!);

    /// <param name="name">Short; part of paths.</param>
    /// <param name="configure">Called before the start, to write CNI configuration or <c>config.json</c>.</param>
    internal static async Task<Daemon> StartAsync(string name, Action<Daemon>? configure = null)
    {
        Daemon daemon = new(name);
        configure?.Invoke(daemon);
        await daemon.StartProcessAsync();
        return daemon;
    }

    /// <summary>The file given as --config; absent unless a test writes it.</summary>
    internal string ConfigFile => Path.Combine(Base, "config.json");

    internal string LogText
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>The path of a container's cgroup, in a pod that names no parent.</summary>
    internal string ContainerCgroup(string podId, string containerId) => _cgroups.Container(podId, containerId);

    /// <summary>An error-level line that contains <paramref name="text"/> is part of what the test provokes.</summary>
    internal void ExpectError(string text) => _expectedErrors.Add(text);

    /// <summary>kill -9, as the OOM killer would.</summary>
    internal async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    internal async Task TerminateAsync()
    {
        await Shell.RunAsync("kill", "-TERM", Pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using CancellationTokenSource limit = new(Wait.Seconds(20));
        await _process!.WaitForExitAsync(limit.Token);
    }

    internal async Task StartProcessAsync()
    {
        ProcessStartInfo start = new(Command[0], Arguments())
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _channel?.Dispose();
        _channel = GrpcChannel.ForUnixSocket(Socket);
        await Wait.UntilAsync($"criruntime to serve on {Socket}", ServesAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await RemoveEverythingAsync();
            await TerminateAsync();
        }

        _channel?.Dispose();
        _process?.Dispose();
        string left = await LeakAudit.FindAsync(this);
        await _cgroups.RemoveAsync();
        string[] errors = [.. LogText.Split('\n').Where(line => line.Contains(" level=error ", StringComparison.Ordinal)
            && !_expectedErrors.Exists(expected => line.Contains(expected, StringComparison.Ordinal)))];
        Assert.True(left.Length == 0, $"left behind by {Base}:\n{left}\nlog:\n{LogText}");
        Assert.True(errors.Length == 0, "unexpected errors in the daemon's log:\n" + string.Join('\n', errors));
        Directory.Delete(Base, recursive: true);
    }

    private async Task RemoveEverythingAsync()
    {
        // A call that changes something waits until the daemon has undone what an earlier one left unfinished.
        await Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = new string('f', 64) });
        foreach (PodSandbox pod in (await Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items)
        {
            await Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod.Id });
            await Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod.Id });
        }
    }

    private async Task<bool> ServesAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException($"criruntime exited with {_process.ExitCode}:\n{LogText}");
        if (!File.Exists(Socket))
            return false;
        try
        {
            await Runtime.VersionAsync(new VersionRequest(), deadline: DateTime.UtcNow + Wait.Seconds(5));
            return true;
        }
        catch (Exception e) when (e is RpcException { StatusCode: StatusCode.Unavailable } or HttpRequestException)
        {
            return false;
        }
    }

    private List<string> Arguments()
    {
        List<string> arguments =
        [
            .. Command.Skip(1),
            "--root", Root,
            "--run", Run,
            "--listen", Socket,
            "--cni-conf-dir", CniConfDir,
            "--log-level", "debug",
        ];
        if (!File.Exists(ConfigFile))
            File.WriteAllText(ConfigFile, "{}");
        arguments.AddRange(["--config", ConfigFile]);
        string dropIns = Path.Combine(Base, "config.d");
        Directory.CreateDirectory(dropIns);
        File.WriteAllText(
            Path.Combine(dropIns, "10-e2e.json"),
            $$"""
            {
              "cgroup": { "driver": "{{_cgroups.Driver}}", "defaultParent": "{{_cgroups.Pods}}", "monitors": "{{_cgroups.Monitors}}" },
              "nri": { "socket": "{{NriSocket}}", "pluginDir": "{{NriPluginDir}}", "configDir": "{{Base}}/nri-conf.d" }
            }
            """);
        return arguments;
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.AppendLine(line);
    }
}
