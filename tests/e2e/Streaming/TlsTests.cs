using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Streaming;

public sealed class TlsTests
{
    [Fact]
    public async Task With_a_certificate_streams_are_served_over_TLS_and_metrics_where_configured()
    {
        await using Daemon daemon = await Daemon.StartAsync("tls", Configure);
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("tls");
        string podId = await daemon.RunPodAsync(pod);
        string id = await daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        string url = (await daemon.Runtime.ExecAsync(new ExecRequest { ContainerId = id, Stdin = true, Stdout = true, Cmd = { "sh", "-c", "cat; head -c 3000000 /dev/zero" } })).Url;
        Assert.StartsWith("https://127.0.0.1:", url, StringComparison.Ordinal);
        await using (StreamClient client = await StreamClient.ConnectAsync(url))
        {
            await client.SendAsync("secret");
            await client.CloseStdinAsync();
            Assert.Equal(0, (await client.EndAsync()).ExitCode);
            Assert.Equal(3_000_006, client.Stdout.Length);
        }

        using HttpClient http = new();
        string metrics = await http.GetStringAsync("http://127.0.0.1:19537/metrics");
        Assert.Contains("criruntime_rpc_duration_seconds_count{method=\"RunPodSandbox\",code=\"OK\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("criruntime_containers_running 1\n", metrics, StringComparison.Ordinal);
    }

    private static void Configure(Daemon daemon)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string certificateFile = Path.Combine(daemon.Base, "tls.crt");
        string keyFile = Path.Combine(daemon.Base, "tls.key");
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(
            daemon.ConfigFile,
            $$"""{ "streaming": { "certificate": "{{certificateFile}}", "key": "{{keyFile}}" }, "metrics": { "address": "127.0.0.1:19537" } }""");
    }
}
