using CriRuntime.Documents;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Cdi;

/// <summary>A spec file's content to a <see cref="CdiSpec"/>, every field checked (CDI specification 1.1).</summary>
internal static class CdiSpecReader
{
    private static readonly string[] s_versions = ["0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0", "1.1.1"];
    private static readonly string[] s_hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    /// <param name="path">Where the content is from; its extension tells YAML from JSON.</param>
    /// <exception cref="FormatException">What is wrong with it, without the path.</exception>
    internal static CdiSpec Read(string path, ReadOnlySpan<byte> content)
    {
        Fields root = new(DocumentTree.Read(content, !path.EndsWith(".json", StringComparison.Ordinal)), "spec");
        string version = root.RequiredText("cdiVersion").TrimStart('v');
        if (!s_versions.Contains(version))
            throw new FormatException($"cdiVersion {version} is not one that this version knows, which are {s_versions[0]} to {s_versions[^1]}");
        string kind = root.RequiredText("kind");
        if (!QualifiedName.IsKind(kind))
            throw new FormatException($"kind \"{kind}\" is not of the form vendor.com/class");
        root.Skip("annotations");
        CdiSpec spec = new(path, kind, root.Objects("devices", Device), Edits(root.Object("containerEdits")));
        root.End();
        if (spec.Devices.Count == 0)
            throw new FormatException("it has no devices");
        HashSet<string> names = [];
        foreach (CdiDevice device in spec.Devices)
        {
            if (!names.Add(device.Name))
                throw new FormatException($"it has two devices \"{device.Name}\"");
        }

        return spec;
    }

    private static CdiDevice Device(Fields fields)
    {
        string name = fields.RequiredText("name");
        if (!QualifiedName.IsDevice(name))
            throw new FormatException($"{fields.Where}.name \"{name}\" is not a device's name");
        fields.Skip("annotations");
        return new CdiDevice(name, Edits(fields.Object("containerEdits")));
    }

    private static ContainerEdits Edits(Fields? fields)
    {
        if (fields is null)
            return new ContainerEdits();
        ContainerEdits edits = new()
        {
            Env = Environment(fields),
            DeviceNodes = fields.Objects("deviceNodes", Node),
            Mounts = fields.Objects("mounts", Mount),
            Hooks = fields.Objects("hooks", Hook),
            AdditionalGids = fields.Unsigneds("additionalGids"),
            IntelRdt = Rdt(fields.Object("intelRdt")),
            NetDevices = [.. fields.Objects("netDevices", NetDevice).Select(device => (device.Item1, device.Item2))],
        };
        fields.End();
        return edits;
    }

    private static IReadOnlyList<string> Environment(Fields fields)
    {
        IReadOnlyList<string> variables = fields.Texts("env");
        foreach (string variable in variables)
        {
            if (variable.IndexOf('=', StringComparison.Ordinal) < 1 || variable.Contains('\0', StringComparison.Ordinal))
                throw new FormatException($"{fields.Where}.env: \"{variable}\" is not NAME=value");
        }

        return variables;
    }

    private static DeviceNode Node(Fields fields)
    {
        string? type = fields.Text("type");
        if (type is not (null or "" or "b" or "c" or "u" or "p"))
            throw fields.Wrong("type", "one of b, c, u, p");
        string? permissions = fields.Text("permissions");
        if (permissions is not (null or "none") && permissions.Any(c => c is not ('r' or 'w' or 'm')))
            throw fields.Wrong("permissions", "made of r, w and m, or none");
        return new DeviceNode
        {
            Path = fields.RequiredPath("path"),
            HostPath = fields.Text("hostPath") is { Length: > 0 } ? fields.RequiredPath("hostPath") : null,
            Type = string.IsNullOrEmpty(type) ? null : type,
            Major = fields.Number("major", 0, uint.MaxValue) ?? 0,
            Minor = fields.Number("minor", 0, uint.MaxValue) ?? 0,
            FileMode = (uint?)fields.Number("fileMode", 0, 0xffff) & 0xfff,
            Permissions = string.IsNullOrEmpty(permissions) ? null : permissions,
            Uid = fields.Unsigned("uid"),
            Gid = fields.Unsigned("gid"),
        };
    }

    private static Mount Mount(Fields fields)
    {
        IReadOnlyList<string> options = fields.Texts("options");
        string? type = fields.Text("type");
        return new Mount
        {
            Source = fields.RequiredText("hostPath"),
            Destination = fields.RequiredPath("containerPath"),
            Type = type is { Length: > 0 } ? type : null,
            Options = options,
        };
    }

    private static NamedHook Hook(Fields fields)
    {
        string name = fields.RequiredText("hookName");
        if (!s_hooks.Contains(name))
            throw fields.Wrong("hookName", $"one of {string.Join(", ", s_hooks)}");
        return new NamedHook(name, new Hook
        {
            Path = fields.RequiredPath("path"),
            Args = fields.Texts("args"),
            Env = Environment(fields),
            Timeout = (int?)fields.Number("timeout", 1, 3600),
        });
    }

    private static IntelRdt? Rdt(Fields? fields)
    {
        if (fields is null)
            return null;
        string? closId = fields.Text("closID");
        if (closId is { Length: >= 4096 } or "." or ".." || closId?.AsSpan().IndexOfAny('/', '\n', '\0') >= 0)
            throw fields.Wrong("closID", "a directory's name");
        IntelRdt rdt = new()
        {
            ClosId = closId,
            L3CacheSchema = fields.Text("l3CacheSchema"),
            MemBwSchema = fields.Text("memBwSchema"),
            Schemata = fields.Texts("schemata"),
            EnableMonitoring = fields.Flag("enableMonitoring"),
            EnableCmt = fields.Flag("enableCMT"),
            EnableMbm = fields.Flag("enableMBM"),
        };
        fields.End();
        return rdt;
    }

    private static Tuple<string, string> NetDevice(Fields fields) => Tuple.Create(fields.RequiredText("hostInterfaceName"), fields.RequiredText("name"));
}
