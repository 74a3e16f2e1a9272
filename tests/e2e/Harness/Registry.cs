using System.Diagnostics;
using CriRuntime.Quickstart;

namespace CriRuntime.E2e.Harness;

/// <summary>Debian's docker-registry on loopback, with images that the tests push.</summary>
internal sealed class Registry : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private Registry(Process process, string directory, int port)
    {
        _process = process;
        _directory = directory;
        Port = port;
        Push = new RegistryPush(Host);
    }

    internal int Port { get; }

    /// <summary>host:port, as it stands in references.</summary>
    internal string Host => $"127.0.0.1:{Port}";

    internal RegistryPush Push { get; }

    internal static async Task<Registry> StartAsync(int port)
    {
        string directory = $"/run/e2e/registry-{port}";
        Directory.CreateDirectory(directory);
        string configuration = Path.Combine(directory, "config.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            version: 0.1
            storage:
              filesystem:
                rootdirectory: {{directory}}/data
              delete:
                enabled: true
            http:
              addr: 127.0.0.1:{{port}}
            log:
              level: error
            """);
        ProcessStartInfo start = new("docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Registry registry = new(process, directory, port);
        using HttpClient http = new();
        await Wait.UntilAsync("the registry to answer", async () =>
        {
            try
            {
                return (await http.GetAsync(new Uri($"http://{registry.Host}/v2/"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        Push.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
