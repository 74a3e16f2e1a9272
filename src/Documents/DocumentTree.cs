using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CriRuntime.Documents;

/// <summary>
/// A file's text as a JSON tree, whether it was written in JSON or in YAML. Operators and vendors' tools write both. Of YAML, one document without
/// aliases and tags is taken: nothing else is needed for configuration, and aliases let a small file become a large tree, or an endless one.
/// </summary>
public static class DocumentTree
{
    /// <summary>Objects and lists within each other.</summary>
    private const int MaxDepth = 32;

    /// <exception cref="FormatException">Neither JSON nor such YAML, or not an object.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> content, bool yaml)
    {
        try
        {
            JsonNode? root = yaml
                ? ReadYaml(Encoding.UTF8.GetString(content))
                : JsonNode.Parse(content, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth });
            Unfold(root);
            return root as JsonObject ?? throw new FormatException("it is not an object");
        }
        // InvalidOperationException: the scanner's own on some malformed scalars; ArgumentException: a field that comes twice.
        catch (Exception e) when (e is JsonException or YamlException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>The parser of JSON leaves objects folded until somebody looks, and notices only then that a field comes twice.</summary>
    private static void Unfold(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach ((_, JsonNode? value) in members)
                Unfold(value);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Unfold(item);
        }
    }

    private static JsonNode? ReadYaml(string text)
    {
        Parser parser = new(new StringReader(text));
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        JsonNode? root = Node(parser, 0);
        parser.Consume<DocumentEnd>();
        return parser.Accept<StreamEnd>(out _) ? root : throw new FormatException("it has more than one document");
    }

    private static JsonNode? Node(Parser parser, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"it is nested more than {MaxDepth} deep");
        if (parser.TryConsume<Scalar>(out var scalar))
            return Value(scalar);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            JsonArray items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Node(parser, depth + 1));
            return items;
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            JsonObject members = [];
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                string name = parser.Consume<Scalar>().Value;
                members.Add(name, Node(parser, depth + 1));
            }

            return members;
        }

        throw new FormatException("it uses a YAML alias, which is not taken: write out what it stands for");
    }

    /// <summary>Plain scalars by YAML's core schema; quoted ones are text.</summary>
    private static JsonValue? Value(Scalar scalar)
    {
        if (!scalar.IsPlainImplicit)
            return JsonValue.Create(scalar.Value);
        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return JsonValue.Create(false);
            case string text when text.StartsWith("0o", StringComparison.Ordinal) && TryOctal(text[2..], out long octal):
                return JsonValue.Create(octal);
            // Octal in YAML 1.1, which the tools of this field write for file modes.
            case string text when text is ['0', _, ..] && TryOctal(text[1..], out long octal):
                return JsonValue.Create(octal);
            case string text when text.StartsWith("0x", StringComparison.Ordinal) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hexadecimal):
                return JsonValue.Create(hexadecimal);
            case string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number):
                return JsonValue.Create(number);
            default:
                return JsonValue.Create(scalar.Value);
        }
    }

    private static bool TryOctal(string digits, out long value)
    {
        value = 0;
        foreach (char c in digits)
        {
            if (c is < '0' or > '7' || value > long.MaxValue >> 3)
                return false;
            value = (value << 3) | (uint)(c - '0');
        }

        return digits.Length > 0;
    }
}
