using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration;

/// <summary>Defaults, then OpenTelemetry's variables, the file, its drop-ins, the environment and the command line, each over the one before.</summary>
public static class ConfigurationLoader
{
    /// <param name="configFile">The file named by --config or CRIRUNTIME_CONFIG; null for the default one, which may be absent.</param>
    /// <param name="environment">As <see cref="Environment.GetEnvironmentVariables()"/> returns it.</param>
    /// <param name="commandLine">What options set.</param>
    /// <exception cref="ConfigurationException">Names each source and key that is wrong.</exception>
    public static ServerConfiguration Load(string? configFile, IDictionary environment, ConfigurationLayer commandLine)
    {
        configFile ??= environment[ConfigurationEnvironment.ConfigFile] as string;
        ConfigurationMerge merge = new();
        merge.Apply(OpenTelemetryVariables.Read(environment));
        foreach (ConfigurationLayer file in ConfigurationFiles.Read(configFile ?? ConfigurationFiles.DefaultPath, configFile is not null))
            merge.Apply(file);
        merge.Apply(ConfigurationEnvironment.Read(environment));
        merge.Apply(commandLine);

        ServerConfiguration configuration = Deserialize(merge.Values);
        string[] problems = [.. ConfigurationValidation.Check(configuration)
            .Select(problem => $"key '{problem.Key}' ({merge.OriginOf(problem.Key)}): {problem.Problem}")];
        return problems.Length == 0
            ? configuration
            : throw new ConfigurationException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>The configuration as a file would hold it, every key with its value; secrets are not shown.</summary>
    public static string ToJson(ServerConfiguration configuration) =>
        JsonSerializer.Serialize(configuration with { Tracing = configuration.Tracing.Redacted() }, ConfigurationJson.Default.ServerConfiguration);

    private static ServerConfiguration Deserialize(JsonObject values)
    {
        try
        {
            return values.Deserialize(ConfigurationJson.Default.ServerConfiguration)!;
        }
        catch (JsonException e)
        {
            // Files and variables were checked one by one, so this is a null where a value belongs.
            throw new ConfigurationException($"key '{e.Path}': {e.Message}");
        }
    }
}
