using System.Collections.Concurrent;
using System.Net;
using CriRuntime.E2e.Harness;
using CriRuntime.Tests.Tracing;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Tracing;

/// <summary>The daemon with a collector of traces beside it.</summary>
public sealed class TracingTests : IDisposable
{
    private const string Address = "http://127.0.0.1:14318/";
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Caller = "b7ad6b7169203331";

    private readonly HttpListener _collector = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();

    public TracingTests()
    {
        _collector.Prefixes.Add(Address);
        _collector.Start();
        _ = TakeAsync();
    }

    public void Dispose() => _collector.Close();

    [Fact]
    public async Task A_kubelets_trace_goes_on_down_to_the_plugins_the_monitor_and_the_process()
    {
        PodSandboxConfig pod;
        string container;
        await using (Daemon daemon = await StartAsync())
        {
            pod = daemon.Pod("traced", hostNetwork: false);
            Metadata traced = new() { { "traceparent", $"00-{TraceId}-{Caller}-01" } };
            await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
            string id = (await daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod }, traced)).PodSandboxId;
            ContainerConfig config = Cri.Container("main", "sleep", "600");
            config.Envs.Add(new KeyValue { Key = "PASSWORD", Value = Google.Protobuf.ByteString.CopyFromUtf8("hunter2") });
            container = (await daemon.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = id, Config = config, SandboxConfig = pod }, traced)).ContainerId;
            await daemon.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container }, traced);
            await daemon.Runtime.ExecSyncAsync(new ExecSyncRequest { ContainerId = container, Cmd = { "true" }, Timeout = 20 }, traced);
            await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = 0 }, traced);
            await daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = id }, traced);
            await daemon.Runtime.VersionAsync(new VersionRequest());
        }

        // What the last calls left was sent before the daemon ended.
        string[] expected =
        [
            "CreateContainer < caller", "ExecSync < caller", "RunPodSandbox < caller", "StartContainer < caller", "StopContainer < caller", "StopPodSandbox < caller",
            "bridge < network.attach", "bridge < network.detach", "container.cgroup < CreateContainer", "container.end < StopContainer", "container.plan < CreateContainer", "container.snapshot < CreateContainer",
            "container.spec < CreateContainer", "container.user < CreateContainer", "exec.wait < ExecSync",
            "launch.clone < monitor.create", "launch.clone < monitor.exec", "launch.clone < monitor.namespaces", "launch.confine < monitor.create", "launch.confine < monitor.exec", "launch.mounts < monitor.create", "launch.mounts < monitor.namespaces",
            "launch.namespaces < monitor.create", "launch.namespaces < monitor.exec", "launch.namespaces < monitor.namespaces", "launch.pivot < monitor.create", "launch.prepare < monitor.create",
            "launch.prepare < monitor.exec", "launch.prepare < monitor.namespaces", "monitor.create < CreateContainer",
            "monitor.exec < ExecSync", "monitor.kill < StopContainer", "monitor.launch < RunPodSandbox", "monitor.namespaces < RunPodSandbox",
            "monitor.start < StartContainer", "network.attach < RunPodSandbox", "network.detach < StopPodSandbox", "network.record < RunPodSandbox", "pod.cgroup < RunPodSandbox", "portmap < network.attach",
            "portmap < network.detach",
        ];
        Assert.Equal(expected, Tree());
        Assert.All(_spans, span => Assert.Null(span.Error));
        string[] plugins = ["bridge ADD", "portmap ADD", "portmap DEL", "bridge DEL"];
        Assert.Equal(plugins, _spans.Where(span => span.Attributes.ContainsKey("cni.command")).OrderBy(span => span.Start).Select(span => $"{span.Name} {span.Attributes["cni.command"]}"));
        CheckLaunch("monitor.namespaces", "prepare", "clone", "namespaces", "mounts");
        CheckLaunch("monitor.create", "prepare", "clone", "namespaces", "mounts", "pivot", "confine");
        CheckLaunch("monitor.exec", "prepare", "clone", "namespaces", "confine");
        Assert.Equal(container, _spans.Single(span => span.Name == "StartContainer").Attributes["container.id"]);
        Assert.Equal("e2e-node", _spans.First().Attributes["resource.service.name"]);
        Assert.DoesNotContain(_spans.SelectMany(span => span.Attributes.Values), value => value.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_collector_pods_run_and_the_log_says_so_once()
    {
        _collector.Stop();
        await using Daemon daemon = await StartAsync();
        Metadata traced = new() { { "traceparent", $"00-{TraceId}-{Caller}-01" } };
        for (int i = 0; i < 5; i++)
            await daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = daemon.Pod($"untraced-{i}") }, traced);
        await Wait.UntilAsync("the daemon to notice", () => daemon.LogText.Contains("traces can't be sent to " + Address, StringComparison.Ordinal));
        await daemon.Runtime.VersionAsync(new VersionRequest(), traced);
        await daemon.TerminateAsync();
        Assert.Single(daemon.LogText.Split('\n'), line => line.Contains("traces can't be sent", StringComparison.Ordinal));
        await daemon.StartProcessAsync(); // to remove the pods
    }

    private static Task<Daemon> StartAsync() => Daemon.StartAsync("tracing", daemon =>
    {
        Networks.Bridge(daemon);
        File.WriteAllText(daemon.ConfigFile, $$"""{ "tracing": { "endpoint": "{{Address}}", "serviceName": "e2e-node" } }""");
    });

    [Fact]
    public async Task A_launch_is_timed_for_the_call_that_is_traced_and_for_no_other()
    {
        await using (Daemon daemon = await StartAsync())
        {
            Metadata traced = new() { { "traceparent", $"00-{TraceId}-{Caller}-01" } };
            Metadata unsampled = new() { { "traceparent", $"00-{TraceId}-{Caller}-00" } };
            await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
            PodSandboxConfig pod = daemon.Pod("half-traced");
            pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Pod;
            string id = (await daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod }, unsampled)).PodSandboxId;
            await daemon.CreateAsync(id, pod, Cri.Container("first", "sleep", "600"));
            CreateContainerRequest second = new() { PodSandboxId = id, Config = Cri.Container("second", "sleep", "600"), SandboxConfig = pod };
            await daemon.Runtime.CreateContainerAsync(second, traced);
        }

        Assert.Single(_spans, span => span.Name == "CreateContainer");
        Assert.DoesNotContain(_spans, span => span.Name == "monitor.namespaces");
        CheckLaunch("monitor.create", "prepare", "clone", "namespaces", "mounts", "pivot", "confine");
        Assert.Equal(6, _spans.Count(span => span.Name.StartsWith("launch.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pod_that_shares_its_pids_and_a_container_with_a_user_namespace_show_their_stages_too()
    {
        await using (Daemon daemon = await StartAsync())
        {
            Metadata traced = new() { { "traceparent", $"00-{TraceId}-{Caller}-01" } };
            await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
            PodSandboxConfig pod = daemon.Pod("mapped", hostNetwork: false);
            IDMapping range = new() { HostId = 200_000, ContainerId = 0, Length = 65_536 };
            NamespaceOption namespaces = pod.Linux.SecurityContext.NamespaceOptions;
            namespaces.Pid = NamespaceMode.Pod;
            namespaces.UsernsOptions = new UserNamespace { Mode = NamespaceMode.Pod, Uids = { range }, Gids = { range } };
            string id = (await daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod }, traced)).PodSandboxId;
            ContainerConfig config = Cri.Container("main", "sleep", "600");
            config.Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext { NamespaceOptions = namespaces } };
            await daemon.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = id, Config = config, SandboxConfig = pod }, traced);
        }

        CheckLaunch("monitor.namespaces", "prepare", "clone", "namespaces", "mounts", "pivot", "confine");
        CheckLaunch("monitor.create", "prepare", "clone", "namespaces", "mounts", "namespaces", "mounts", "pivot", "confine");
    }

    /// <summary>The stages of a launch follow one another within the call that asked for it.</summary>
    private void CheckLaunch(string call, params string[] stages)
    {
        ReceivedSpan parent = _spans.Single(span => span.Name == call);
        ReceivedSpan[] launch = [.. _spans.Where(span => span.ParentId == parent.SpanId).OrderBy(span => span.Start)];
        Assert.Equal(stages.Select(stage => "launch." + stage), launch.Select(span => span.Name));
        ulong last = parent.Start;
        foreach (ReceivedSpan span in launch)
        {
            Assert.True(last <= span.Start && span.Start < span.End, $"{span.Name} begins at {span.Start} and ends at {span.End}, the one before it at {last}");
            last = span.End;
        }

        Assert.True(last <= parent.End, $"the launch ends at {last}, {call} at {parent.End}");
    }

    /// <summary>Every span and its parent, sorted.</summary>
    private string[] Tree()
    {
        Assert.All(_spans, span => Assert.Equal(TraceId, span.TraceId));
        Dictionary<string, string> names = _spans.ToDictionary(span => span.SpanId, span => span.Name);
        names[Caller] = "caller";
        return [.. _spans.Select(span => $"{span.Name} < {names[span.ParentId]}").Order(StringComparer.Ordinal)];
    }

    private async Task TakeAsync()
    {
        while (_collector.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _collector.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // the test is over
            }

            using MemoryStream body = new();
            await context.Request.InputStream.CopyToAsync(body);
            foreach (ReceivedSpan span in ReceivedSpan.Read(body.ToArray()))
                _spans.Enqueue(span);
            context.Response.Close();
        }
    }
}
