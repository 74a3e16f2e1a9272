using Google.Protobuf.Reflection;
using Runtime.V1;

namespace Grpc.Tests.Proto;

/// <summary>The interface written here against the descriptor of cri-api v0.37 (TestData/api.pb).</summary>
public sealed class CriDescriptorTests
{
    private static readonly FileDescriptorProto s_ours = ApiReflection.Descriptor.ToProto();
    private static readonly FileDescriptorProto s_reference = ReadReference();

    [Fact]
    public void Package_and_syntax_are_those_of_the_reference()
    {
        Assert.Equal(s_reference.Package, s_ours.Package);
        Assert.Equal(s_reference.Syntax, s_ours.Syntax);
        Assert.Equal(s_reference.Options.GoPackage, s_ours.Options.GoPackage);
    }

    [Fact]
    public void Every_service_and_method_is_the_same() =>
        Assert.Equal(s_reference.Service.SelectMany(Describe), s_ours.Service.SelectMany(Describe));

    [Fact]
    public void Every_message_and_field_is_the_same()
    {
        List<string> expected = [.. s_reference.MessageType.SelectMany(type => Describe("", type))];
        Assert.True(expected.Count > 500);
        Assert.Equal(expected, s_ours.MessageType.SelectMany(type => Describe("", type)));
    }

    [Fact]
    public void Every_enum_and_value_is_the_same() =>
        Assert.Equal(s_reference.EnumType.SelectMany(type => Describe("", type)), s_ours.EnumType.SelectMany(type => Describe("", type)));

    [Fact]
    public void Every_secret_is_marked_for_redaction()
    {
        List<string> secrets =
        [
            .. AuthConfig.Descriptor.Fields.InFieldNumberOrder().Where(field => field.GetOptions()?.DebugRedact == true).Select(field => field.Name),
        ];
        Assert.Equal(["password", "auth", "identity_token", "registry_token"], secrets);
    }

    /// <summary>A compiler may leave the JSON name out where it is the one that follows from the field's name.</summary>
    private static string JsonName(FieldDescriptorProto field) => field.HasJsonName ? field.JsonName : string.Concat(
        field.Name.Select((letter, i) => letter == '_' ? "" : i > 0 && field.Name[i - 1] == '_' ? char.ToUpperInvariant(letter).ToString() : letter.ToString()));

    private static FileDescriptorProto ReadReference()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "TestData", "api.pb"));
        return Assert.Single(FileDescriptorSet.Parser.ParseFrom(file).File);
    }

    private static IEnumerable<string> Describe(ServiceDescriptorProto service) => service.Method.Select(method =>
        $"{service.Name}.{method.Name}({(method.ClientStreaming ? "stream " : "")}{method.InputType}) returns ({(method.ServerStreaming ? "stream " : "")}{method.OutputType})");

    private static IEnumerable<string> Describe(string parent, DescriptorProto message)
    {
        string name = $"{parent}{message.Name}";
        yield return $"message {name} map={message.Options?.MapEntry == true}";
        foreach (FieldDescriptorProto field in message.Field)
        {
            yield return $"{name}.{field.Name} = {field.Number} {field.Label} {field.Type} {field.TypeName} json={JsonName(field)} "
                + $"oneof={field.HasOneofIndex} optional={field.Proto3Optional} "
                + $"deprecated={field.Options?.Deprecated == true} redact={field.Options?.DebugRedact == true}";
        }

        foreach (string line in message.NestedType.SelectMany(nested => Describe(name + ".", nested))) yield return line;
        foreach (string line in message.EnumType.SelectMany(nested => Describe(name + ".", nested))) yield return line;
    }

    private static IEnumerable<string> Describe(string parent, EnumDescriptorProto type) => type.Value
        .Select(value => $"{parent}{type.Name}.{value.Name} = {value.Number}")
        .Append($"enum {parent}{type.Name} alias={type.Options?.AllowAlias == true}");
}
