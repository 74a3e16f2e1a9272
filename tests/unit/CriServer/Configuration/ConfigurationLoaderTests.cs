using System.Collections;
using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration.Tests;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("criruntime-config").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Without_any_source_the_defaults_hold()
    {
        ServerConfiguration loaded = Load("{}");
        Assert.Equal("/var/lib/criruntime", loaded.Root);
        Assert.Equal("/run/criruntime/criruntime.sock", loaded.SocketPath());
        Assert.Equal(["/opt/cni/bin", "/usr/lib/cni"], loaded.Cni.BinDirs);
        Assert.Equal(60, loaded.Cni.TimeoutSeconds);
    }

    [Fact]
    public void A_file_sets_some_keys_of_a_section_and_leaves_the_others()
    {
        ServerConfiguration loaded = Load("""{ "cni": { "confDir": "/conf" } } // with a comment""");
        Assert.Equal("/conf", loaded.Cni.ConfDir);
        Assert.Equal("/var/lib/criruntime/cni", loaded.CniCachePath());
    }

    [Fact]
    public void A_file_of_block_IO_classes_that_is_missing_or_broken_stops_the_start_with_its_key()
    {
        string file = Path.Join(_directory, "blockio.yaml");
        string configuration = $$"""{ "containers": { "blockIoClasses": "{{file}}" } }""";
        Assert.Contains("containers.blockIoClasses", Assert.Throws<ConfigurationException>(() => Load(configuration)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, "Classes: { a: [{ Weight: 7 }] }");
        Assert.Contains("Weight: 7 is not between 10 and 1000", Assert.Throws<ConfigurationException>(() => Load(configuration)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, "Classes: { a: [{ Weight: 70 }] }");
        Assert.Equal(file, Load(configuration).Containers.BlockIoClasses);
    }

    [Fact]
    public void Drop_ins_win_over_the_file_in_lexicographic_order()
    {
        DropIn("20.json", """{ "root": "/b" }""");
        DropIn("10.json", """{ "root": "/a", "run": "/run/a" }""");
        ServerConfiguration loaded = Load("""{ "root": "/file", "log": { "level": "debug" } }""");
        Assert.Equal("/b", loaded.Root);
        Assert.Equal("/run/a", loaded.Run);
        Assert.Equal("debug", loaded.Log.Level);
    }

    [Fact]
    public void The_environment_wins_over_files_and_the_command_line_over_both()
    {
        ConfigurationLayer commandLine = new("the command line", new JsonObject { ["root"] = "/c" });
        ServerConfiguration loaded = Load(
            """{ "root": "/a", "run": "/run/a" }""",
            new Hashtable { ["CRIRUNTIME_ROOT"] = "/b", ["CRIRUNTIME_RUN"] = "/run/b", ["CRIRUNTIME_CNI_BIN_DIRS"] = "/x:/y", ["CRIRUNTIME_CNI_TIMEOUT_SECONDS"] = "5" },
            commandLine);
        Assert.Equal("/c", loaded.Root);
        Assert.Equal("/run/b", loaded.Run);
        Assert.Equal(["/x", "/y"], loaded.Cni.BinDirs);
        Assert.Equal(5, loaded.Cni.TimeoutSeconds);
    }

    [Fact]
    public void OpenTelemetrys_variables_name_the_collector_unless_this_programs_own_do()
    {
        Hashtable environment = new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318", ["OTEL_SERVICE_NAME"] = "node-7" };
        TracingConfiguration tracing = Load("{}", environment).Tracing;
        Assert.Equal(("http://127.0.0.1:4318", "node-7", 0), (tracing.Endpoint, tracing.ServiceName, tracing.SamplingRatePerMillion));
        environment["CRIRUNTIME_TRACING_ENDPOINT"] = "http://127.0.0.1:9";
        environment["CRIRUNTIME_TRACING_SAMPLING_RATE_PER_MILLION"] = "1000";
        tracing = Load("{}", environment).Tracing;
        Assert.Equal(("http://127.0.0.1:9", 1000), (tracing.Endpoint, tracing.SamplingRatePerMillion));
    }

    [Fact]
    public void Registries_are_kept_by_host()
    {
        ServerConfiguration loaded = Load("""{ "registries": { "*": { "mirrors": ["http://127.0.0.1:5000"] }, "10.0.0.1:5000": { "plainHttp": true } } }""");
        Assert.Equal(["http://127.0.0.1:5000"], loaded.Registries["*"].Mirrors);
        Assert.True(loaded.Registries["10.0.0.1:5000"].PlainHttp);
    }

    [Theory]
    [InlineData("""{ "rooot": "/a" }""", "unknown key 'rooot'")]
    [InlineData("""{ "cni": { "confdir": "/a" } }""", "unknown key 'cni.confdir'")]
    [InlineData("""{ "registries": { "docker.io": { "mirror": [] } } }""", "unknown key")]
    [InlineData("""{ "cni": { "timeoutSeconds": "soon" } }""", "key 'cni.timeoutSeconds': the value has the wrong type")]
    [InlineData("""{ "root": null }""", "key 'root': the value has the wrong type")]
    [InlineData("""{ "root": "/a", """, "not valid JSON")]
    [InlineData("""[]""", "not valid JSON")]
    [InlineData("""{ "cni": { "timeoutSeconds": 0 } }""", "key 'cni.timeoutSeconds'")]
    [InlineData("""{ "root": "relative" }""", "'relative' is not an absolute path")]
    [InlineData("""{ "root": "/a/../b" }""", "contains '..'")]
    [InlineData("""{ "root": "/a", "run": "/a" }""", "same directory as root")]
    [InlineData("""{ "log": { "level": "loud" } }""", "'loud' is none of trace, debug")]
    [InlineData("""{ "log": { "format": "xml" } }""", "'xml' is none of text, json")]
    [InlineData("""{ "registries": { "*": { "mirrors": ["ftp://x"] } } }""", "'ftp://x' is not an http or https URL")]
    [InlineData("""{ "registries": { "*": { "mirrors": ["http://u:p@x"] } } }""", "without credentials")]
    [InlineData("""{ "registries": { "https://docker.io": {} } }""", "not a registry host")]
    [InlineData("""{ "registries": { "x.io": { "ca": "/no/such/file" } } }""", "'/no/such/file' does not exist")]
    [InlineData("""{ "registries": { "x.io": { "mirrorsOnly": true } } }""", "there are no mirrors")]
    [InlineData("""{ "tracing": { "endpoint": "127.0.0.1:4318" } }""", "key 'tracing.endpoint'")]
    [InlineData("""{ "tracing": { "endpoint": "http://u:p@127.0.0.1:4318" } }""", "without credentials")]
    [InlineData("""{ "tracing": { "samplingRatePerMillion": 1000001 } }""", "1000001 is not between 0 and 1000000")]
    [InlineData("""{ "tracing": { "serviceName": "" } }""", "key 'tracing.serviceName'")]
    public void A_bad_file_is_refused_with_its_name_and_the_key(string json, string expected)
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => Load(json));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_value_in_a_list_is_blamed_on_the_drop_in_that_set_the_list()
    {
        DropIn("10-cni.json", """{ "cni": { "binDirs": ["/ok", "bad"] } }""");
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => Load("{}"));
        Assert.Contains("key 'cni.binDirs[1]' (" + _directory + "/config.d/10-cni.json): 'bad'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_value_is_reported_at_once()
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => Load("""{ "root": "a", "log": { "level": "b" } }"""));
        Assert.Contains("'root'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'log.level'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CRIRUNTIME_NOPE", "x", "CRIRUNTIME_NOPE names no configuration key")]
    [InlineData("CRIRUNTIME_CONTAINERS_SHM_SIZE", "big", "is not a whole number")]
    [InlineData("CRIRUNTIME_ROOT", "x", "key 'root' (the environment)")]
    public void A_bad_variable_is_refused_by_name(string name, string value, string expected)
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => Load("{}", new Hashtable { [name] = value }));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_file_that_is_missing_is_refused()
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(
            () => ConfigurationLoader.Load("/no/such/config.json", new Hashtable(), new("the command line", [])));
        Assert.Contains("/no/such/config.json does not exist", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_path_that_the_kernel_cannot_bind_is_refused()
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(
            () => Load($$"""{ "listen": "/run/{{new string('x', 110)}}" }"""));
        Assert.Contains("107 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shown_can_be_loaded_again()
    {
        ServerConfiguration loaded = Load("""{ "registries": { "*": { "mirrors": ["http://127.0.0.1:5000"] } } }""");
        ServerConfiguration again = Load(ConfigurationLoader.ToJson(loaded));
        Assert.Equal(ConfigurationLoader.ToJson(loaded), ConfigurationLoader.ToJson(again));
    }

    private ServerConfiguration Load(string json, Hashtable? environment = null, ConfigurationLayer? commandLine = null)
    {
        string file = Path.Combine(_directory, "config.json");
        File.WriteAllText(file, json);
        return ConfigurationLoader.Load(file, environment ?? [], commandLine ?? new("the command line", []));
    }

    private void DropIn(string name, string json)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "config.d"));
        File.WriteAllText(Path.Combine(_directory, "config.d", name), json);
    }
}
