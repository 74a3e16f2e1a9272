using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration;

/// <summary>The configuration file and its drop-ins (<c>config.d/*.json</c> beside it, in lexicographic order).</summary>
internal static class ConfigurationFiles
{
    internal const string DefaultPath = "/etc/criruntime/config.json";

    private const long MaxBytes = 1 << 20;

    /// <param name="path">The main file.</param>
    /// <param name="mustExist">True when the operator named the file; the default one may be absent.</param>
    /// <exception cref="ConfigurationException">A file is missing, unreadable, too large or not a JSON object of known keys.</exception>
    internal static IEnumerable<ConfigurationLayer> Read(string path, bool mustExist)
    {
        if (File.Exists(path))
            yield return ReadFile(path);
        else if (mustExist)
            throw new ConfigurationException($"configuration file {path} does not exist; create it or drop --config");

        string dropIns = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "config.d");
        if (!Directory.Exists(dropIns))
            yield break;
        foreach (string file in Directory.EnumerateFiles(dropIns, "*.json").Order(StringComparer.Ordinal))
            yield return ReadFile(file);
    }

    private static ConfigurationLayer ReadFile(string file)
    {
        byte[] text = ReadText(file);
        CheckShape(file, text);
        try
        {
            JsonNode? node = JsonNode.Parse(
                text,
                documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return node is JsonObject values
                ? new ConfigurationLayer(file, values)
                : throw new ConfigurationException($"{file}: expected a JSON object");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // ArgumentException: a key that stands twice.
            throw new ConfigurationException($"{file}: {e.Message}");
        }
    }

    private static byte[] ReadText(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MaxBytes)
                throw new ConfigurationException($"{file}: larger than {MaxBytes} bytes");
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads the file alone as a configuration, so that an unknown key or a value of the wrong type is reported with its file.</summary>
    private static void CheckShape(string file, byte[] text)
    {
        try
        {
            JsonSerializer.Deserialize(text, ConfigurationJson.Default.ServerConfiguration);
        }
        catch (JsonException e)
        {
            throw new ConfigurationException(Describe(file, e));
        }
    }

    private static string Describe(string file, JsonException e)
    {
        string key = e.Path is { Length: > 2 } path ? path[2..] : "";
        string line = e.LineNumber is long number ? $" (line {number + 1})" : "";
        if (e.Message.Contains("could not be mapped", StringComparison.Ordinal))
            return $"{file}{line}: unknown key '{key}'; docs/configuration.md lists the keys";
        return key.Length > 0
            ? $"{file}{line}: key '{key}': the value has the wrong type"
            : $"{file}{line}: not valid JSON: {e.Message}";
    }
}
