using System.Globalization;
using System.Text;
using System.Text.Json;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Configuration;

/// <summary>What a load of the directory gave: the pod network, or none, and what was wrong with the files passed over.</summary>
/// <param name="Network">The first usable one by file name.</param>
/// <param name="Problems">One line per unusable file, naming it.</param>
internal sealed record ConfSnapshot(NetworkConfig? Network, IReadOnlyList<string> Problems, string Fingerprint);

/// <summary>
/// The configuration directory. Every use compares names, times and sizes with those of the last load (some ten microseconds),
/// so that a change is seen at once, whether the directory was there at start or not, and no watch can be lost.
/// </summary>
internal sealed class ConfDirectory(string path, PluginDirectories plugins, Action<string> warn)
{
    private const int MaxFileSize = 1024 * 1024;
    private static readonly string[] Extensions = [".conf", ".conflist", ".json"];

    private ConfSnapshot _snapshot = new(null, [], "");

    /// <summary>The present state of the directory.</summary>
    internal ConfSnapshot Current()
    {
        ConfSnapshot known = Volatile.Read(ref _snapshot);
        string fingerprint = TakeFingerprint();
        if (fingerprint == known.Fingerprint)
            return known;
        ConfSnapshot loaded = Load(fingerprint);
        Volatile.Write(ref _snapshot, loaded);
        foreach (string problem in loaded.Problems.Except(known.Problems))
            warn($"CNI configuration {problem}");
        return loaded;
    }

    private ConfSnapshot Load(string fingerprint)
    {
        List<string> problems = [];
        foreach (FileInfo file in ConfigurationFiles(path, problems))
        {
            try
            {
                NetworkConfig network = Read(file);
                // Its absence from the pod network is what makes a loopback configuration harmless.
                if (network.IsLoopback)
                    continue;
                RequirePlugins(network);
                return new ConfSnapshot(network, problems, fingerprint);
            }
            catch (Exception e) when (e is NetworkConfigException or IOException or UnauthorizedAccessException)
            {
                problems.Add($"{file.FullName}: {e.Message}");
            }
        }

        return new ConfSnapshot(null, problems, fingerprint);
    }

    private NetworkConfig Read(FileInfo file)
    {
        byte[] json = ReadContent(file);
        return file.Extension == ".conflist"
            ? NetworkConfigParser.ParseList(json, file.FullName, ReadPluginDirectory)
            : NetworkConfigParser.ParsePlugin(json, file.FullName, file.Name);
    }

    /// <summary>The plugins kept beside a list, in a directory of the network's name (CNI spec 1.1, <c>loadOnlyInlinedPlugins</c>).</summary>
    private IEnumerable<JsonElement> ReadPluginDirectory(string network)
    {
        List<string> problems = [];
        foreach (FileInfo file in ConfigurationFiles(Path.Combine(path, network), problems).Where(file => file.Extension == ".conf"))
        {
            JsonElement plugin;
            try
            {
                plugin = NetworkConfigParser.ParseObject(ReadContent(file));
            }
            catch (NetworkConfigException e)
            {
                throw new NetworkConfigException($"its plugin {file.FullName}: {e.Message}", e);
            }

            yield return plugin;
        }

        if (problems.Count > 0)
            throw new NetworkConfigException(problems[0]);
    }

    private void RequirePlugins(NetworkConfig network)
    {
        string[] missing = [.. network.Plugins.Select(plugin => plugin.Type).Where(type => plugins.Find(type) is null).Distinct()];
        if (missing.Length > 0)
            throw new NetworkConfigException($"network \"{network.Name}\" needs the plugin {string.Join(", ", missing)}, not found in {plugins.Path}");
    }

    private static byte[] ReadContent(FileInfo file) =>
        SizeOf(file) <= MaxFileSize ? File.ReadAllBytes(file.FullName) : throw new NetworkConfigException($"larger than {MaxFileSize} bytes");

    private static List<FileInfo> ConfigurationFiles(string directory, List<string> problems)
    {
        try
        {
            List<FileInfo> files = [.. new DirectoryInfo(directory).EnumerateFiles().Where(file => Extensions.Contains(file.Extension))];
            files.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
            return files;
        }
        catch (DirectoryNotFoundException)
        {
            // Not there yet: the network's installer makes it.
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{directory}: {e.Message}");
            return [];
        }
    }

    /// <summary>Everything that a load depends on: the files here and one level down, and which plugins there are.</summary>
    private string TakeFingerprint()
    {
        StringBuilder print = new("v1");
        AppendFiles(print, path);
        try
        {
            foreach (string directory in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
                AppendFiles(print, directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Absent or unreadable: part of the state, and named by the load.
            print.Append(e.GetType().Name);
        }

        AppendBinDirectories(print);
        return print.ToString();
    }

    private static void AppendFiles(StringBuilder print, string directory)
    {
        foreach (FileInfo file in ConfigurationFiles(directory, []))
        {
            FileSystemInfo target = Resolve(file);
            print.Append(CultureInfo.InvariantCulture, $"|{file.FullName}:{target.LastWriteTimeUtc.Ticks}:{SizeOf(file)}");
        }
    }

    /// <summary>A plugin that is installed or removed changes its directory's time.</summary>
    private void AppendBinDirectories(StringBuilder print)
    {
        // "/." looks through a link to the directory.
        foreach (string directory in plugins.Directories)
            print.Append(CultureInfo.InvariantCulture, $"|{Directory.GetLastWriteTimeUtc(Path.Combine(directory, ".")).Ticks}");
    }

    private static long SizeOf(FileInfo file) => Resolve(file) is FileInfo { Exists: true } target ? target.Length : -1;

    /// <summary>What a link leads to: a mounted ConfigMap is links.</summary>
    private static FileSystemInfo Resolve(FileInfo file)
    {
        if (file.LinkTarget is null)
            return file;
        try
        {
            return file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        }
        catch (IOException)
        {
            // A loop: reading it fails too, and names it.
            return file;
        }
    }
}
