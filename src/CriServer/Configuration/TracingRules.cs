using CriRuntime.CriServer.Observability.Tracing;

namespace CriRuntime.CriServer.Configuration;

/// <summary>What the configuration of traces must be. No message has a header's value, which is a secret.</summary>
internal static class TracingRules
{
    internal static IEnumerable<ConfigurationProblem> Check(TracingConfiguration c)
    {
        if (c.Protocol is not (TracingConfiguration.Http or TracingConfiguration.Grpc))
            yield return new("tracing.protocol", $"'{c.Protocol}' is none of {TracingConfiguration.Http}, {TracingConfiguration.Grpc}");
        foreach ((string key, string url) in new[] { ("tracing.endpoint", c.Endpoint), ("tracing.tracesEndpoint", c.TracesEndpoint) })
        {
            if (url.Length > 0 && !IsCollector(c, url))
                yield return new(key, "is not an http or https URL without credentials and query, as in http://127.0.0.1:4318, nor with the protocol grpc a host and port");
        }
        if (c.Compression is not ("none" or TracingConfiguration.Gzip))
            yield return new("tracing.compression", $"'{c.Compression}' is none of none, {TracingConfiguration.Gzip}");
        if (c.ServiceName.Length == 0)
            yield return new("tracing.serviceName", "is empty");
        foreach (ConfigurationProblem problem in Headers(c).Concat(Files(c)))
            yield return problem;
    }

    private static bool IsCollector(TracingConfiguration c, string url)
    {
        bool bare = c.Protocol == TracingConfiguration.Grpc && !url.Contains("://", StringComparison.Ordinal);
        return Uri.TryCreate(bare ? "https://" + url : url, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }
            && (c.Protocol != TracingConfiguration.Grpc || uri.AbsolutePath == "/");
    }

    private static IEnumerable<ConfigurationProblem> Headers(TracingConfiguration c)
    {
        foreach ((string name, string value) in c.Headers)
        {
            string key = $"tracing.headers.{name}";
            if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                yield return new(key, "is not a header's name of letters, digits, '-', '_' and '.'");
            else if (IsProtocols(name.ToLowerInvariant()))
                yield return new(key, "belongs to the protocol itself and can't be set");
            if (value is null || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                yield return new(key, "its value (not shown) has characters other than printable ASCII");
            else if (value == TracingConfiguration.NotShown)
                yield return new(key, "has the text that 'criruntime config' prints in place of the value; write the value");
        }
    }

    private static bool IsProtocols(string name) =>
        name is "host" or "te" or "connection" or "upgrade" or "keep-alive" or "proxy-connection" or "transfer-encoding" or "trailer" or "expect"
        || name.StartsWith("content-", StringComparison.Ordinal) || name.StartsWith("grpc-", StringComparison.Ordinal) || name.EndsWith("-bin", StringComparison.Ordinal);

    private static IEnumerable<ConfigurationProblem> Files(TracingConfiguration c)
    {
        if (c.ClientCertificate.Length == 0 && c.ClientKey.Length > 0)
        {
            yield return new("tracing.clientKey", "is set without tracing.clientCertificate");
            yield break;
        }

        foreach ((string key, Action read) in new (string, Action)[]
        {
            ("tracing.certificate", () => CollectorTls.For(c.Certificate, "", "")),
            ("tracing.clientCertificate", () => CollectorTls.For("", c.ClientCertificate, c.ClientKey)),
        })
        {
            if (Unreadable(read) is { } reason)
                yield return new(key, reason);
        }
    }

    private static string? Unreadable(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
