using System.Text;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Cdi.Tests;

public sealed class SpecReaderTests
{
    /// <summary>In the style that vendors' tools write.</summary>
    private const string Yaml = """
        ---
        cdiVersion: 0.7.0
        kind: vendor.com/gpu
        annotations: { note: "x" }
        containerEdits:
          env:
          - VENDOR_VISIBLE=void
          hooks:
          - hookName: createContainer
            path: /usr/bin/vendor-hook
            args: [vendor-hook, update-ldcache, --folder, /usr/lib64]
          mounts:
          - hostPath: /usr/lib/libvendor.so.1
            containerPath: /usr/lib/libvendor.so.1
            options: [ro, nosuid, nodev, bind]
        devices:
        - name: "0"
          containerEdits:
            deviceNodes:
            - path: /dev/vendor0
              fileMode: 0666
              permissions: rw
              uid: 0
            additionalGids: [44, 0]
        - name: all
          containerEdits:
            deviceNodes:
            - { path: /dev/vendor0, type: c, major: 195, minor: 0 }
        """;

    [Fact]
    public void Yaml_and_json_say_the_same()
    {
        CdiSpec spec = Read("/etc/cdi/vendor.yaml", Yaml);
        Assert.Equal("vendor.com/gpu", spec.Kind);
        Assert.Equal(["0", "all"], spec.Devices.Select(device => device.Name));
        Assert.Equal(["VENDOR_VISIBLE=void"], spec.Edits.Env);
        NamedHook hook = Assert.Single(spec.Edits.Hooks);
        Assert.Equal("createContainer", hook.HookName);
        Assert.Equal(["vendor-hook", "update-ldcache", "--folder", "/usr/lib64"], hook.Hook.Args);
        Mount mount = Assert.Single(spec.Edits.Mounts);
        Assert.Equal(["ro", "nosuid", "nodev", "bind"], mount.Options);
        DeviceNode node = Assert.Single(spec.Devices[0].Edits.DeviceNodes);
        Assert.Equal(Convert.ToUInt32("666", 8), node.FileMode);
        Assert.Equal("rw", node.Permissions);
        Assert.Equal(0u, node.Uid);
        Assert.Null(node.Gid);
        Assert.Equal([44u, 0u], spec.Devices[0].Edits.AdditionalGids);
        DeviceNode described = Assert.Single(spec.Devices[1].Edits.DeviceNodes);
        Assert.Equal(("c", 195L, 0L), (described.Type, described.Major, described.Minor));

        CdiSpec json = Read("/etc/cdi/vendor.json", """
            { "cdiVersion": "0.7.0", "kind": "vendor.com/gpu",
              "devices": [ { "name": "0", "containerEdits": { "deviceNodes": [ { "path": "/dev/vendor0", "fileMode": 438, "permissions": "rw", "uid": 0 } ] } } ] }
            """);
        Assert.Equal(node, Assert.Single(json.Devices[0].Edits.DeviceNodes));
    }

    [Theory]
    [InlineData("cdiVersion: 9.0.0\nkind: a.b/c\ndevices: [{name: x}]", "cdiVersion 9.0.0")]
    [InlineData("kind: a.b/c\ndevices: [{name: x}]", "cdiVersion is missing")]
    [InlineData("cdiVersion: 0.6.0\nkind: nokind\ndevices: [{name: x}]", "nokind")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c", "no devices")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x}, {name: x}]", "two devices \"x\"")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: '../x'}]", "../x")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x, surprise: 1}]", "spec.devices[0].surprise")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {env: [NOVALUE]}}]", "NOVALUE")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {deviceNodes: [{path: dev/x}]}}]", "absolute path")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {deviceNodes: [{path: /dev/x, permissions: rwx}]}}]", "permissions")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {deviceNodes: [{path: /dev/x, major: -1}]}}]", "major")]
    [InlineData("cdiVersion: 0.6.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {hooks: [{hookName: whenever, path: /x}]}}]", "hookName")]
    [InlineData("cdiVersion: 0.7.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {intelRdt: {closID: ../../sys}}}]", "closID")]
    [InlineData("cdiVersion: 0.7.0\nkind: a.b/c\ndevices: [{name: x, containerEdits: {additionalGids: [4294967296]}}]", "additionalGids")]
    [InlineData("a: &a [x]\nb: [*a, *a]", "alias")]
    [InlineData("cdiVersion: 0.6.0\n---\nkind: a.b/c", "more than one document")]
    [InlineData("[]", "not an object")]
    [InlineData("a: [", "")]
    [InlineData("a: 1\na: 2", "")]
    public void What_is_wrong_is_said(string yaml, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => Read("x.yaml", yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nesting_is_bounded()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 10_000));
        Assert.Throws<FormatException>(() => Read("x.yaml", deep + new string(']', 10_000)));
        Assert.Throws<FormatException>(() => Read("x.json", deep));
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        Random random = new(1);
        byte[] original = Encoding.UTF8.GetBytes(Yaml);
        for (int i = 0; i < 3000; i++)
        {
            byte[] mutated = [.. original];
            for (int n = random.Next(1, 6); n > 0; n--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(9, 127);
            try
            {
                CdiSpecReader.Read("x.yaml", mutated);
            }
            catch (FormatException)
            {
                // Refused: the other of the two outcomes.
            }
        }
    }

    private static CdiSpec Read(string path, string text) => CdiSpecReader.Read(path, Encoding.UTF8.GetBytes(text));
}
