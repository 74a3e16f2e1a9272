using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace CriRuntime.Cdi;

/// <summary>
/// The devices in the spec directories, later directories before earlier ones. Every use compares the files' names, times and sizes with
/// those of the last load, so that what a vendor's tool writes is there for the next container, and no watch can be lost.
/// </summary>
/// <param name="directories">Absolute paths, lowest priority first; need not exist.</param>
/// <param name="warn">Gets a line for every file that cannot be used, once.</param>
public sealed class CdiRegistry(IReadOnlyList<string> directories, Action<string> warn)
{
    private const int MaxFileSize = 4 * 1024 * 1024;

    private readonly Lock _loading = new();
    private Inventory _inventory = new("", [], []);

    /// <summary>What the named devices do to a container: each spec's own edits once, before those of its first device.</summary>
    /// <exception cref="CdiException">A name is malformed, unknown, or claimed by two files of equal priority.</exception>
    public IReadOnlyList<ContainerEdits> Resolve(IEnumerable<string> names)
    {
        Inventory inventory = Current();
        List<ContainerEdits> edits = [];
        HashSet<CdiSpec> seen = [];
        HashSet<string> asked = [];
        foreach (string name in names)
        {
            if (!asked.Add(name))
                continue;
            (CdiSpec spec, CdiDevice device) = Find(inventory, QualifiedName.Parse(name));
            if (seen.Add(spec))
                edits.Add(spec.Edits);
            edits.Add(device.Edits);
        }

        return edits;
    }

    private (CdiSpec Spec, CdiDevice Device) Find(Inventory inventory, QualifiedName name)
    {
        if (!inventory.Devices.TryGetValue(name.ToString(), out ImmutableArray<Entry> claims))
        {
            string present = inventory.Problems.Count > 0 ? $"; unusable: {string.Join("; ", inventory.Problems)}" : "";
            throw new CdiException($"no CDI device {name} in {string.Join(", ", directories)}{present}");
        }

        if (claims.Length > 1)
            throw new CdiException($"CDI device {name} is in {claims[0].Spec.Path} and in {claims[1].Spec.Path}, which have the same priority");
        return (claims[0].Spec, claims[0].Device);
    }

    private Inventory Current()
    {
        string fingerprint = TakeFingerprint();
        lock (_loading)
        {
            if (fingerprint == _inventory.Fingerprint)
                return _inventory;
            Inventory loaded = Load(fingerprint);
            foreach (string problem in loaded.Problems)
            {
                if (!_inventory.Problems.Contains(problem))
                    warn(problem);
            }

            return _inventory = loaded;
        }
    }

    private Inventory Load(string fingerprint)
    {
        Dictionary<string, ImmutableArray<Entry>> devices = [];
        List<string> problems = [];
        for (int priority = 0; priority < directories.Count; priority++)
        {
            foreach (FileInfo file in Files(directories[priority]))
            {
                if (Read(file, problems) is not CdiSpec spec)
                    continue;
                foreach (CdiDevice device in spec.Devices)
                {
                    string name = $"{spec.Kind}={device.Name}";
                    Entry entry = new(priority, spec, device);
                    devices[name] = devices.TryGetValue(name, out ImmutableArray<Entry> others) && others[0].Priority == priority ? others.Add(entry) : [entry];
                }
            }
        }

        return new Inventory(fingerprint, devices, problems);
    }

    private static CdiSpec? Read(FileInfo file, List<string> problems)
    {
        try
        {
            if (file.Length > MaxFileSize)
                throw new FormatException($"it is larger than {MaxFileSize} bytes");
            return CdiSpecReader.Read(file.FullName, File.ReadAllBytes(file.FullName));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            problems.Add($"CDI spec {file.FullName}: {e.Message}");
            return null;
        }
    }

    private string TakeFingerprint()
    {
        StringBuilder print = new("v1");
        foreach (string directory in directories)
        {
            foreach (FileInfo file in Files(directory))
                print.Append(CultureInfo.InvariantCulture, $"|{file.FullName}:{file.LastWriteTimeUtc.Ticks}:{file.Length}");
        }

        return print.ToString();
    }

    private static List<FileInfo> Files(string directory)
    {
        List<FileInfo> files = [];
        if (!Directory.Exists(directory))
            return files;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles())
        {
            // What is written under another name first and then renamed is not read half.
            if (file.Extension is ".json" or ".yaml" && !file.Name.StartsWith('.') && file.Exists)
                files.Add(file);
        }

        files.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return files;
    }

    private sealed record Entry(int Priority, CdiSpec Spec, CdiDevice Device);

    /// <param name="Devices">By full name: one entry, or several that exclude each other.</param>
    private sealed record Inventory(string Fingerprint, Dictionary<string, ImmutableArray<Entry>> Devices, List<string> Problems);
}
