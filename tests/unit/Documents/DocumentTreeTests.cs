using System.Text;
using System.Text.Json.Nodes;

namespace CriRuntime.Documents.Tests;

public sealed class DocumentTreeTests
{
    [Theory]
    [InlineData("a: [1, x, null, 'true']", """{"a":[1,"x",null,"true"]}""")]
    [InlineData("a: 0666\nb: 0o17\nc: 0x1f\nd: 1.5", """{"a":438,"b":15,"c":31,"d":"1.5"}""")]
    [InlineData("\"a\": {\"b\": true}", """{"a":{"b":true}}""")]
    public void Yaml_is_the_tree_that_json_would_be(string yaml, string json) => Assert.Equal(json, Read(yaml, yaml: true).ToJsonString());

    [Theory]
    [InlineData("a: &a [*a]", "alias")]
    [InlineData("a: &a\n  b: *a", "alias")]
    [InlineData("a: 1\na: 2", "")]
    [InlineData("", "")]
    [InlineData("just text", "not an object")]
    [InlineData("a: [", "")]
    [InlineData("? [a]\n: b", "")]
    public void Yaml_that_loops_repeats_itself_or_is_no_object_is_refused(string yaml, string named) => Refuses(yaml, true, named);

    [Theory]
    [InlineData("""{"a":{"b":1,"b":2}}""", "b")]
    [InlineData("[]", "not an object")]
    [InlineData("{", "")]
    public void Json_that_repeats_itself_or_is_no_object_is_refused(string json, string named) => Refuses(json, false, named);

    [Fact]
    public void Aliases_of_aliases_do_not_grow_into_a_large_tree()
    {
        StringBuilder laughs = new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++)
            laughs.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        Refuses(laughs.ToString(), true, "alias");
    }

    private static JsonObject Read(string text, bool yaml) => DocumentTree.Read(Encoding.UTF8.GetBytes(text), yaml);

    private static void Refuses(string text, bool yaml, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => Read(text, yaml)).Message, StringComparison.Ordinal);
}
