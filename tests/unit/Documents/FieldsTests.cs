using System.Text.Json.Nodes;

namespace CriRuntime.Documents.Tests;

public sealed class FieldsTests
{
    private readonly Fields _fields = new((JsonObject)JsonNode.Parse("""{"text":"50M","number":80,"fraction":1.5,"flag":true,"none":null,"own":{"b":1,"a":2}}""")!, "the file");

    [Fact]
    public void A_quantity_may_be_text_or_a_number() =>
        Assert.Equal(["50M", "80", "1.5", null], new[] { "text", "number", "fraction", "absent" }.Select(_fields.TextOrNumber));

    [Fact]
    public void Another_type_is_refused_by_its_name() =>
        Assert.Equal("the file.flag is not a string or a number", Assert.Throws<FormatException>(() => _fields.TextOrNumber("flag")).Message);

    [Fact]
    public void Null_is_as_good_as_absent() => Assert.Equal((true, false, false), (_fields.Has("text"), _fields.Has("none"), _fields.Has("absent")));

    [Fact]
    public void Names_are_as_written_and_what_nobody_read_is_refused()
    {
        Fields own = _fields.Object("own")!;
        Assert.Equal(["b", "a"], own.Names);
        own.Number("a", 0, 9);
        Assert.Contains("the file.own.b", Assert.Throws<FormatException>(own.End).Message, StringComparison.Ordinal);
    }
}
