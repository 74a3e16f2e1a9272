using System.Collections;
using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Tests.Configuration;

public sealed class TracingRulesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("criruntime-tracing-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("{}", "", "")]
    [InlineData("{\"endpoint\":\"http://127.0.0.1:4318/\"}", "", "http://127.0.0.1:4318/v1/traces")]
    [InlineData("{\"endpoint\":\"https://c/base\",\"compression\":\"gzip\",\"headers\":{\"X-Scope-OrgID\":\"1\"}}", "", "https://c/base/v1/traces")]
    [InlineData("{\"endpoint\":\"https://c\",\"tracesEndpoint\":\"https://t/x\"}", "", "https://t/x")]
    [InlineData("{\"endpoint\":\"collector:4317\",\"protocol\":\"grpc\"}", "", "https://collector:4317/")]
    [InlineData("{\"endpoint\":\"collector:4317\",\"protocol\":\"grpc\",\"insecure\":true}", "", "http://collector:4317/")]
    [InlineData("{\"endpoint\":\"https://c:4317\",\"protocol\":\"grpc\",\"insecure\":true}", "", "https://c:4317/")]
    [InlineData("{\"endpoint\":\"collector:4317\"}", "tracing.endpoint", "")]
    [InlineData("{\"endpoint\":\"https://u:p@c\"}", "tracing.endpoint", "")]
    [InlineData("{\"endpoint\":\"http://c/path\",\"protocol\":\"grpc\"}", "tracing.endpoint", "")]
    [InlineData("{\"tracesEndpoint\":\"ftp://c\"}", "tracing.tracesEndpoint", "")]
    [InlineData("{\"protocol\":\"http/json\"}", "'http/json' is none of http/protobuf, grpc", "")]
    [InlineData("{\"compression\":\"zstd\"}", "tracing.compression", "")]
    [InlineData("{\"timeoutMilliseconds\":0}", "tracing.timeoutMilliseconds", "")]
    [InlineData("{\"certificate\":\"ca.pem\"}", "not an absolute path", "")]
    [InlineData("{\"certificate\":\"/no/such/ca.pem\"}", "cannot read the certificate file /no/such/ca.pem", "")]
    [InlineData("{\"clientCertificate\":\"/dev/null\"}", "cannot read the certificate file /dev/null", "")]
    [InlineData("{\"clientKey\":\"/etc/key\"}", "is set without tracing.clientCertificate", "")]
    [InlineData("{\"headers\":{\"a b\":\"hunter2\"}}", "not a header's name", "")]
    [InlineData("{\"headers\":{\"Content-Type\":\"hunter2\"}}", "belongs to the protocol", "")]
    [InlineData("{\"headers\":{\"grpc-timeout\":\"hunter2\"}}", "belongs to the protocol", "")]
    [InlineData("{\"headers\":{\"authorization\":\"hunter2\\r\\nx: y\"}}", "other than printable ASCII", "")]
    [InlineData("{\"headers\":{\"authorization\":\"(not shown)\"}}", "write the value", "")]
    public void A_collector_is_sound_or_refused_by_its_key(string json, string problem, string target)
    {
        if (problem.Length == 0)
        {
            Assert.Equal(target, Load(json).Tracing.Target()?.AbsoluteUri ?? "");
            return;
        }

        string message = Assert.Throws<ConfigurationException>(() => Load(json)).Message;
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shown_has_no_headers_values()
    {
        string shown = ConfigurationLoader.ToJson(Load("""{ "endpoint": "http://c", "headers": { "authorization": "Bearer hunter2" } }"""));
        Assert.Contains("\"authorization\": \"(not shown)\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenTelemetrys_variables_count_for_keys_that_are_not_set()
    {
        Hashtable environment = new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://all:4317",
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "https://traces:4317",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "grpc",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=Bearer%20hunter2, x-tenant=7",
            ["OTEL_EXPORTER_OTLP_INSECURE"] = "TRUE",
            ["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip",
            ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "2500",
            ["OTEL_EXPORTER_OTLP_CERTIFICATE"] = "",
        };
        TracingConfiguration tracing = Load("{}", environment).Tracing;
        Assert.Equal(("https://traces:4317/", "grpc", true, "gzip", 2500), (tracing.Target()!.AbsoluteUri, tracing.Protocol, tracing.Insecure, tracing.Compression, tracing.TimeoutMilliseconds));
        Assert.Equal(("Bearer hunter2", "7"), (tracing.Headers["authorization"], tracing.Headers["x-tenant"]));
        tracing = Load("""{ "tracesEndpoint": "http://file/x", "protocol": "http/protobuf", "headers": { "x-tenant": "8" } }""", environment).Tracing;
        Assert.Equal(("http://file/x", "8"), (tracing.Target()!.AbsoluteUri, tracing.Headers["x-tenant"]));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "hunter2")]
    public void A_bad_variable_of_OpenTelemetrys_is_refused_by_name(string name, string value)
    {
        string message = Assert.Throws<ConfigurationException>(() => Load("{}", new Hashtable { [name] = value })).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    private ServerConfiguration Load(string tracing, Hashtable? environment = null)
    {
        string file = Path.Combine(_directory.FullName, "config.json");
        File.WriteAllText(file, $"{{ \"tracing\": {tracing} }}");
        return ConfigurationLoader.Load(file, environment ?? [], new("the command line", []));
    }
}
