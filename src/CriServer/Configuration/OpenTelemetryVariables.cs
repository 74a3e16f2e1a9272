using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration;

/// <summary>
/// OpenTelemetry's own variables (specification, "OpenTelemetry Protocol Exporter" and "Environment Variable Specification"), for keys that neither a file nor a
/// variable of this program sets. A variable for traces alone comes before the one for all signals, and an empty one counts as not set.
/// </summary>
internal static class OpenTelemetryVariables
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <summary>The key in <c>tracing</c> of every variable that may have TRACES_ after the prefix.</summary>
    private static readonly (string Name, string Key, Func<string, JsonNode> Read)[] Exporter =
    [
        ("PROTOCOL", "protocol", static text => JsonValue.Create(text)),
        ("HEADERS", "headers", Headers),
        ("CERTIFICATE", "certificate", static text => JsonValue.Create(text)),
        ("CLIENT_CERTIFICATE", "clientCertificate", static text => JsonValue.Create(text)),
        ("CLIENT_KEY", "clientKey", static text => JsonValue.Create(text)),
        // The specification: only "true", in any case, is true.
        ("INSECURE", "insecure", static text => JsonValue.Create(text.Equals("true", StringComparison.OrdinalIgnoreCase))),
        ("COMPRESSION", "compression", static text => JsonValue.Create(text)),
        ("TIMEOUT", "timeoutMilliseconds", Milliseconds),
    ];

    /// <exception cref="ConfigurationException">A value has the wrong form; names the variable, not the value.</exception>
    internal static ConfigurationLayer Read(IDictionary variables)
    {
        ConfigurationLayer layer = new("OpenTelemetry's environment variables", []);
        Take(variables, layer, Prefix + "ENDPOINT", "endpoint", static text => JsonValue.Create(text));
        Take(variables, layer, Prefix + "TRACES_ENDPOINT", "tracesEndpoint", static text => JsonValue.Create(text));
        Take(variables, layer, "OTEL_SERVICE_NAME", "serviceName", static text => JsonValue.Create(text));
        foreach ((string name, string key, Func<string, JsonNode> read) in Exporter)
        {
            if (!Take(variables, layer, $"{Prefix}TRACES_{name}", key, read))
                Take(variables, layer, Prefix + name, key, read);
        }

        return layer;
    }

    private static bool Take(IDictionary variables, ConfigurationLayer layer, string variable, string key, Func<string, JsonNode> read)
    {
        if (variables[variable] is not string { Length: > 0 } text)
            return false;
        try
        {
            layer.Set("tracing." + key, read(text));
            return true;
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"environment variable {variable}: {e.Message}");
        }
    }

    private static JsonValue Milliseconds(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? JsonValue.Create(number)
        : throw new FormatException($"'{text}' is not a number of milliseconds");

    /// <summary><c>name=value,name=value</c>, the values percent-encoded (W3C Baggage without properties).</summary>
    private static JsonObject Headers(string text)
    {
        JsonObject headers = [];
        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException("a header (not shown) is not name=value");
            headers[pair[..equals].Trim()] = Uri.UnescapeDataString(pair[(equals + 1)..].Trim());
        }

        return headers;
    }
}
