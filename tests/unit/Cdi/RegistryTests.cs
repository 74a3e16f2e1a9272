namespace CriRuntime.Cdi.Tests;

public sealed class RegistryTests : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("cdi").FullName;
    private readonly List<string> _warnings = [];
    private readonly CdiRegistry _registry;

    public RegistryTests() => _registry = new CdiRegistry([Path.Combine(_base, "static"), Path.Combine(_base, "dynamic")], _warnings.Add);

    public void Dispose() => Directory.Delete(_base, true);

    [Fact]
    public void A_file_that_appears_changes_or_goes_is_seen_by_the_next_container()
    {
        Assert.Throws<CdiException>(() => Resolve("v.com/d=x"));
        Write("static/a.yaml", "x", "A=1");
        Assert.Equal(["A=1"], Resolve("v.com/d=x"));
        Write("static/a.yaml", "x", "A=longer");
        Assert.Equal(["A=longer"], Resolve("v.com/d=x"));
        File.Delete(Path.Combine(_base, "static/a.yaml"));
        Assert.Throws<CdiException>(() => Resolve("v.com/d=x"));
    }

    [Fact]
    public void The_later_directory_has_precedence()
    {
        Write("static/a.yaml", "x", "FROM=static");
        Write("dynamic/a.json", "x", "FROM=dynamic");
        Assert.Equal(["FROM=dynamic"], Resolve("v.com/d=x"));
    }

    [Fact]
    public void Two_files_of_one_directory_that_claim_a_device_are_both_named()
    {
        Write("static/a.yaml", "x", "A=1");
        Write("static/b.yaml", "x", "B=1");
        string message = Assert.Throws<CdiException>(() => Resolve("v.com/d=x")).Message;
        Assert.Contains("a.yaml", message, StringComparison.Ordinal);
        Assert.Contains("b.yaml", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_specs_own_edits_are_made_once_and_first()
    {
        Directory.CreateDirectory(Path.Combine(_base, "static"));
        File.WriteAllText(Path.Combine(_base, "static/a.yaml"), """
            cdiVersion: 0.6.0
            kind: v.com/d
            containerEdits: { env: [ALL=1] }
            devices:
            - { name: x, containerEdits: { env: [X=1] } }
            - { name: y, containerEdits: { env: [Y=1] } }
            """);
        Assert.Equal(["ALL=1", "X=1", "Y=1"], Resolve("v.com/d=x", "v.com/d=y", "v.com/d=x"));
    }

    [Fact]
    public void A_broken_file_is_warned_of_once_and_spoils_no_other()
    {
        Write("static/good.yaml", "x", "A=1");
        File.WriteAllText(Path.Combine(_base, "static/bad.yaml"), "kind: [");
        Assert.Equal(["A=1"], Resolve("v.com/d=x"));
        Assert.Equal(["A=1"], Resolve("v.com/d=x"));
        Assert.Contains("bad.yaml", Assert.Single(_warnings), StringComparison.Ordinal);
        // And whoever misses a device learns which file was left out.
        Assert.Contains("bad.yaml", Assert.Throws<CdiException>(() => Resolve("v.com/d=z")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("/dev/null")]
    [InlineData("v.com/d=")]
    [InlineData("v.com/d=../x")]
    [InlineData("v.com/d=x\n")]
    [InlineData("1v.com/d=x")]
    public void What_is_no_full_name_is_refused(string name) =>
        Assert.Contains("full name", Assert.Throws<CdiException>(() => Resolve(name)).Message, StringComparison.Ordinal);

    private IEnumerable<string> Resolve(params string[] names) => _registry.Resolve(names).SelectMany(edits => edits.Env);

    private void Write(string file, string device, string variable)
    {
        string path = Path.Combine(_base, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $$"""{ "cdiVersion": "0.6.0", "kind": "v.com/d", "devices": [ { "name": "{{device}}", "containerEdits": { "env": [ "{{variable}}" ] } } ] }""");
    }
}
