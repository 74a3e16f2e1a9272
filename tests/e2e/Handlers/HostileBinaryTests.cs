using System.Text.Json.Nodes;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Handlers;

/// <summary>Binaries that hang, lie or are gone cost only their own containers, and leave nothing behind (the daemon's audit looks).</summary>
public sealed class HostileBinaryTests
{
    [Theory]
    [InlineData("hangs", "case \"$*\" in *' create '*) sleep 7656;; esac", "did not end within 2 s")]
    [InlineData("lies", "exit 0", "lies.sh")]
    [InlineData("fails", "echo words >&2; exit 3", "exit status 3")]
    [InlineData("crashes", "case \"$*\" in *' create '*) kill -SEGV $$;; esac", "killed by signal 11")]
    [InlineData("stranger", "case \"$*\" in *' create '*) while [ \"$1\" != --pid-file ]; do shift; done; echo 1 > $2;; esac", "is not one that it has left behind")]
    [InlineData("garbage", "case \"$*\" in *' create '*) while [ \"$1\" != --pid-file ]; do shift; done; head -c 100000 /dev/urandom > $2; head -c 3000000 /dev/urandom;; *) yes garbage;; esac", "its pid file holds no number")]
    public async Task A_binary_that_misbehaves_fails_its_container_in_words_while_others_run_on(string name, string script, string words)
    {
        await using Daemon daemon = await StartAsync("hostile-" + name, d => new() { ["bad"] = Handler(Binaries.Script(d, name + ".sh", script)), [Binaries.Runc] = new JsonObject() });
        PodSandboxConfig pod = daemon.Pod("hostile");
        string podId = await RunPodAsync(daemon, pod, "bad");
        ContainerConfig broken = Cri.Container("broken");
        Task<RpcException> refused = Assert.ThrowsAsync<RpcException>(() => daemon.CreateAsync(podId, pod, broken));
        PodSandboxConfig other = daemon.Pod("beside");
        string otherId = await RunPodAsync(daemon, other, Binaries.Runc);
        Assert.Equal("well\n", (await daemon.RunToEndAsync(otherId, other, Cri.Container("well", "echo", "well"))).Output);
        string message = (await refused).Status.Detail;
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains("runtime handler bad", message, StringComparison.Ordinal);
        Assert.Empty((await daemon.Runtime.ListContainersAsync(new() { Filter = new() { PodSandboxId = podId } })).Containers);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(daemon.Run, "runtimes", "bad")));
        string bundles = Path.Combine(daemon.Run, "pods", podId, "bundles");
        Assert.True(!Directory.Exists(bundles) || Directory.GetFileSystemEntries(bundles).Length == 0);
    }

    [Fact]
    public async Task A_binary_that_is_removed_leaves_its_containers_stoppable_and_is_missed_in_words()
    {
        await using Daemon daemon = await StartAsync("removed", d => new() { ["gone"] = Handler(Binaries.Script(d, "gone.sh", "exec runc \"$@\"")) });
        PodSandboxConfig pod = daemon.Pod("removed");
        string podId = await RunPodAsync(daemon, pod, "gone");
        string id = await daemon.StartNewAsync(podId, pod, Cri.Container("orphan", "sh", "-c", "trap 'exit 4' TERM; while true; do sleep 0.05; done"));
        string script = Path.Combine(daemon.Base, "gone.sh");
        File.Delete(script);
        Assert.Contains(script, (await Assert.ThrowsAsync<RpcException>(() => daemon.ExecAsync(id, "true"))).Status.Detail, StringComparison.Ordinal);
        Assert.Contains(script, (await Assert.ThrowsAsync<RpcException>(() => daemon.CreateAsync(podId, pod, Cri.Container("late")))).Status.Detail, StringComparison.Ordinal);
        string refused = await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => RunPodAsync(daemon, daemon.Pod("another"), "gone"));
        Assert.Contains("runtimes.gone.path", refused, StringComparison.Ordinal);
        Assert.DoesNotContain((await daemon.Runtime.StatusAsync(new StatusRequest())).RuntimeHandlers, handler => handler.Name == "gone");
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 0 });
        Assert.Equal(137, (await daemon.StatusAsync(id)).ExitCode);
        await daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(daemon.Run, "runtimes", "gone")));
    }

    [Fact]
    public async Task A_killed_daemon_adopts_its_containers_and_ends_them()
    {
        await using Daemon daemon = await StartAsync("adopted", Binaries.Both);
        foreach (string handler in (string[])[Binaries.Runc, Binaries.Crun])
        {
            PodSandboxConfig pod = daemon.Pod("adopted-" + handler);
            string podId = await RunPodAsync(daemon, pod, handler);
            string running = await daemon.StartNewAsync(podId, pod, Cri.Container("running"));
            string waiting = await daemon.CreateAsync(podId, pod, Cri.Container("waiting", "sh", "-c", "exit 6"));
            await daemon.KillAsync();
            await daemon.StartProcessAsync();
            Assert.Equal("still\n", await daemon.ExecTextAsync(running, "echo", "still"));
            await daemon.StartAsync(waiting);
            Assert.Equal(6, (await daemon.ExitAsync(waiting)).ExitCode);
            await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = running, Timeout = 0 });
            Assert.Equal(handler, (await daemon.PodStatusAsync(podId)).RuntimeHandler);
        }
    }

    [Fact]
    public async Task The_default_handler_is_for_pods_that_name_none_and_annotations_pass_where_allowed()
    {
        await using Daemon daemon = await Daemon.StartAsync("default", d => Binaries.Configure(
            d, new() { [Binaries.Runc] = new JsonObject { ["allowedAnnotations"] = new JsonArray("example.com/*") } }, byDefault: Binaries.Runc));
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("default");
        pod.Annotations["example.com/pod"] = "yes";
        pod.Annotations["other.com/pod"] = "no";
        string podId = await daemon.RunPodAsync(pod);
        ContainerConfig container = Cri.Container("main");
        container.Annotations["example.com/container"] = "yes";
        container.Annotations["io.kubernetes.cri.sandbox-name"] = "forged";
        string id = await daemon.StartNewAsync(podId, pod, container);
        JsonNode spec = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(daemon.Run, "pods", podId, "bundles", id, "config.json")))!;
        JsonObject annotations = spec["annotations"]!.AsObject();
        Assert.Equal(("yes", "yes", "default"), ((string?)annotations["example.com/pod"], (string?)annotations["example.com/container"], (string?)annotations["io.kubernetes.cri.sandbox-name"]));
        Assert.DoesNotContain("other.com/pod", annotations.Select(one => one.Key));
    }

    private static JsonObject Handler(string path) => new() { ["path"] = path, ["timeoutSeconds"] = 2 };

    private static async Task<Daemon> StartAsync(string name, Func<Daemon, JsonObject> runtimes)
    {
        Daemon daemon = await Daemon.StartAsync(name, d => Binaries.Configure(d, runtimes(d)));
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        return daemon;
    }

    private static async Task<string> RunPodAsync(Daemon daemon, PodSandboxConfig pod, string handler) =>
        (await daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod, RuntimeHandler = handler })).PodSandboxId;
}
