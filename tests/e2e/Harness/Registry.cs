using System.Diagnostics;

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
    }

    internal int Port { get; }

    /// <summary>host:port, as it stands in references.</summary>
    internal string Host => $"127.0.0.1:{Port}";

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

    /// <summary>Uploads a blob (distribution-spec, "Pushing blobs").</summary>
    internal async Task PushBlobAsync(string repository, string digest, byte[] blob)
    {
        using HttpClient http = new();
        using HttpResponseMessage begun = await http.PostAsync(new Uri($"http://{Host}/v2/{repository}/blobs/uploads/"), null);
        begun.EnsureSuccessStatusCode();
        UriBuilder location = new(begun.Headers.Location!);
        location.Query = location.Query.TrimStart('?') + "&digest=" + Uri.EscapeDataString(digest);
        using ByteArrayContent content = new(blob);
        content.Headers.ContentType = new("application/octet-stream");
        (await http.PutAsync(location.Uri, content)).EnsureSuccessStatusCode();
    }

    internal async Task PushManifestAsync(string repository, string tag, string mediaType, byte[] manifest)
    {
        using HttpClient http = new();
        using ByteArrayContent content = new(manifest);
        content.Headers.ContentType = new(mediaType);
        using HttpResponseMessage pushed = await http.PutAsync(new Uri($"http://{Host}/v2/{repository}/manifests/{tag}"), content);
        Assert.True(pushed.IsSuccessStatusCode, await pushed.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
