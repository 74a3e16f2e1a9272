using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>The file config.dump. Those of other runtimes have some of these fields; the generated reader leaves those that can be set later as they are.</summary>
public sealed record ConfigDump
{
    [JsonPropertyName("id")]
    public string Id { get; set; } = "";

    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>The image's id.</summary>
    [JsonPropertyName("rootfsImage")]
    public string RootfsImage { get; set; } = "";

    /// <summary>The image by a digest.</summary>
    [JsonPropertyName("rootfsImageRef")]
    public string RootfsImageRef { get; set; } = "";

    /// <summary>The image as it was asked for.</summary>
    [JsonPropertyName("rootfsImageName")]
    public string RootfsImageName { get; set; } = "";

    [JsonPropertyName("runtime")]
    public string Runtime { get; set; } = "";

    [JsonPropertyName("createdTime")]
    public DateTimeOffset CreatedTime { get; set; }

    [JsonPropertyName("checkpointedTime")]
    public DateTimeOffset CheckpointedTime { get; set; }

    [JsonPropertyName("restoredTime")]
    public DateTimeOffset RestoredTime { get; set; }

    [JsonPropertyName("restored")]
    public bool Restored { get; set; }
}

/// <summary>The file status: containerd's, by which tools know times.</summary>
public sealed record StatusDump(long Pid, long CreatedAt, long StartedAt, long FinishedAt, int ExitCode, string Reason, string Message);

/// <summary>One entry of the file bind.mounts.</summary>
/// <param name="Source">The host's path when it was saved; empty for what the runtime makes.</param>
/// <param name="Destination">The key under which criu has it.</param>
public sealed record BindMount([property: JsonPropertyName("source")] string Source, [property: JsonPropertyName("destination")] string Destination);

/// <summary>The archive's JSON. What is read was written by anybody.</summary>
public static class CheckpointDocuments
{
    private const int MaxBytes = 16 << 20;

    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <exception cref="CriException">InvalidArgument: it is missing or too large.</exception>
    public static void CheckSize(string directory, string name)
    {
        FileInfo file = new(Path.Join(directory, name));
        if (!file.Exists)
            throw CriException.InvalidArgument($"the checkpoint has no {name}");
        if (file.Length > MaxBytes)
            throw CriException.InvalidArgument($"the checkpoint's {name} has {file.Length} bytes, more than {MaxBytes}");
    }

    /// <exception cref="CriException">InvalidArgument: it is missing, too large, or not what it should be.</exception>
    public static T Read<T>(string directory, string name, JsonTypeInfo<T> type)
    {
        CheckSize(directory, name);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Join(directory, name)), type) ?? throw CriException.InvalidArgument($"the checkpoint's {name} holds null");
        }
        catch (JsonException e)
        {
            throw new CriException(CriErrorKind.InvalidArgument, $"the checkpoint's {name} is damaged: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 16)]
[JsonSerializable(typeof(ConfigDump))]
[JsonSerializable(typeof(StatusDump))]
[JsonSerializable(typeof(IReadOnlyList<BindMount>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(PodDump))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
