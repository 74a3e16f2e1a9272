using System.Text.Json;
using System.Text.Json.Serialization;

namespace CriRuntime.Images.References;

/// <summary>A digest as the JSON string it is in manifests; anything else is a <see cref="JsonException"/>.</summary>
public sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Digest.TryParse(text, out Digest? digest)
            ? digest
            : throw new JsonException($"invalid digest {Quoted.Name(text)}");
    }

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
