using CriRuntime.CriServer.Classes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Classes;

/// <summary>A /dev and a /sys of a test's own, whose nodes are empty files.</summary>
internal sealed class FakeDevices : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("criserver-devices-").FullName;
    private readonly Dictionary<string, LinuxDevice> _nodes = [];

    internal NodeBlockDevices Node => new(_base, Path.Join(_base, "sys"), path => _nodes.GetValueOrDefault(path));

    internal FakeDevices Add(string path, long major, long minor, string type = "b", bool partition = false)
    {
        Create(path);
        _nodes[_base + path] = new LinuxDevice { Path = path, Type = type, Major = major, Minor = minor };
        if (partition)
            Create($"/sys/dev/block/{major}:{minor}/partition");
        return this;
    }

    /// <param name="target">Relative, as udev's links are.</param>
    internal FakeDevices Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_base + path)!);
        File.CreateSymbolicLink(_base + path, target);
        return this;
    }

    public void Dispose() => Directory.Delete(_base, recursive: true);

    private void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_base + path)!);
        File.WriteAllText(_base + path, "");
    }
}
