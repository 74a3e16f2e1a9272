using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>What of the daemon and its monitors a container on the host's network, or another user of the host, can reach (CVE-2020-15257, CVE-2024-25621).</summary>
public sealed class ControlSocketTests : IAsyncLifetime
{
    private Daemon _daemon = null!;
    private string _container = "";

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("reach");
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = _daemon.Pod("reach");
        string podId = await _daemon.RunPodAsync(pod);
        _container = await _daemon.StartNewAsync(podId, pod, Cri.Container("main"));
    }

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task A_container_on_the_hosts_network_finds_no_abstract_socket_and_no_path_leads_it_to_another()
    {
        string[] sockets = [.. (await _daemon.ExecTextAsync(_container, "cat", "/proc/net/unix")).Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length > 7).Select(fields => fields[7])];
        Assert.Contains(sockets, path => path.StartsWith(_daemon.Base, StringComparison.Ordinal)); // it does see them listed
        Assert.DoesNotContain(sockets, path => path.StartsWith('@'));
        foreach (string path in sockets.Where(path => path.StartsWith('/')).Append(_daemon.Socket).Distinct())
        {
            Assert.Equal(1, (await _daemon.ExecAsync(_container, "test", "-e", path)).ExitCode);
            Assert.Equal(1, (await _daemon.ExecAsync(_container, "test", "-e", "/proc/1/root" + path)).ExitCode);
        }
    }

    // The runtime that it is compiled with would open one for debuggers in /tmp, and leave it there when it is killed.
    [Fact]
    public async Task The_daemon_has_no_socket_outside_of_its_directories()
    {
        (_, string descriptors, _) = await Shell.TryAsync("find", $"/proc/{_daemon.Pid}/fd", "-printf", "%l\n");
        string[] paths = [.. (await File.ReadAllLinesAsync("/proc/net/unix"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 7 && descriptors.Contains($"socket:[{fields[6]}]", StringComparison.Ordinal)).Select(fields => fields[7])];
        Assert.Contains(_daemon.NriSocket, paths); // the list is not empty for another reason
        Assert.All(paths, path => Assert.StartsWith(_daemon.Base + "/", path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_streaming_server_serves_it_nothing_without_a_secret()
    {
        string url = (await _daemon.Runtime.ExecAsync(new ExecRequest { ContainerId = _container, Cmd = { "id" }, Stdout = true })).Url;
        Uri address = new(url);
        string secret = address.Segments[^1];
        Assert.True(secret.Length >= 20, $"a secret of {secret.Length} characters can be guessed");
        string guess = new string('a', secret.Length);
        foreach (string path in new[] { "/", "/exec/", "/exec/" + guess, "/attach/" + guess, "/portforward/" + guess, $"/exec/{_container}", "/../" })
        {
            string request = $"GET {path} HTTP/1.1\\r\\nHost: {address.Authority}\\r\\nConnection: close\\r\\n\\r\\n";
            string answer = await _daemon.ExecTextAsync(_container, "sh", "-c", $"printf '{request}' | nc {address.Host} {address.Port}");
            Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_user_of_the_host_sees_nothing_of_the_state_and_may_connect_to_no_socket()
    {
        foreach (string directory in new[] { _daemon.Root, _daemon.Run })
        {
            Assert.Equal("700 0 0\n", await Shell.RunAsync("stat", "-c", "%a %u %g", directory));
            (int status, string found, _) = await AsNobodyAsync("find", directory, "-mindepth", "1");
            Assert.NotEqual(0, status);
            Assert.Equal("", found);
        }

        foreach (string socket in Directory.GetFiles(_daemon.Base, "*.sock", SearchOption.AllDirectories))
            Assert.NotEqual(0, (await AsNobodyAsync("test", "-w", socket)).Status);
    }

    [Fact]
    public async Task State_directories_are_closed_even_where_the_ones_above_are_opened()
    {
        // An administrator who opens the roots to others (for a backup, say) has opened no pod.
        File.SetUnixFileMode(_daemon.Run, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path.Combine(_daemon.Run, "pods"), (UnixFileMode)0b111_101_101);
        foreach (string pod in Directory.GetDirectories(Path.Combine(_daemon.Run, "pods")))
            Assert.NotEqual(0, (await AsNobodyAsync("ls", pod)).Status);
    }

    private static Task<(int Status, string Output, string Error)> AsNobodyAsync(params string[] command) =>
        Shell.TryAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--", .. command]);
}
