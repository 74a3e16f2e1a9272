using System.Buffers.Text;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Conmon.Exits;

/// <summary>How often the kernel's out-of-memory killer struck in a container's cgroup, now compared with the container's start.</summary>
internal sealed class OomCounter
{
    // v2: cgroup-v2.rst, memory.events; v1: memory.rst, memory.oom_control. Both have a line "oom_kill N".
    private const string UnifiedFile = "/memory.events";
    private static readonly string[] FileNames = [UnifiedFile, "/memory.oom_control"];

    private readonly OomLedger _pod;
    private readonly string? _path;
    private readonly long _atStart;
    private readonly string? _parentPath;
    private readonly long _parentAtStart;
    private readonly long _elsewhereAtStart;
    private long _kills;

    /// <summary>Finds the file among the container's cgroup directories and takes its value.</summary>
    internal OomCounter(IReadOnlyList<string> cgroupDirectories, OomLedger pod)
    {
        _pod = pod;
        foreach (string directory in cgroupDirectories)
        {
            foreach (string name in FileNames)
            {
                if (Read(directory + name) is not { } value)
                    continue;
                _path = directory + name;
                _atStart = value;
                if (name == UnifiedFile && Path.GetDirectoryName(directory) is { } parent)
                {
                    _parentPath = parent + name;
                    _parentAtStart = Read(_parentPath) ?? 0;
                    _elsewhereAtStart = pod.Elsewhere(this);
                }

                return;
            }
        }
    }

    /// <summary>True when a process of the container was killed for want of memory.</summary>
    /// <param name="killed">
    /// The container's first process died of SIGKILL. Systemd removes a scope's cgroup as soon as it is empty, perhaps before we look; its kills
    /// are then counted in its parent still. Those that are no other container's are taken for its own if it was killed.
    /// </param>
    internal bool HasStruck(bool killed)
    {
        if (_path is not null && killed && _parentPath is not null && Read(_path) is null && Read(_parentPath) is { } inPod)
            _kills = Math.Max(_kills, inPod - _parentAtStart - (_pod.Elsewhere(this) - _elsewhereAtStart));
        return Kills() > 0;
    }

    /// <summary>How many there were since the start, or when the cgroup was last there.</summary>
    internal long Kills()
    {
        if (_path is not null && Read(_path) is { } now)
            _kills = Math.Max(_kills, now - _atStart);
        return _kills;
    }

    private static long? Read(string path)
    {
        Span<byte> content = stackalloc byte[512];
        int length = CgroupFile.TryRead(path, content);
        return length < 0 ? null : Parse(content[..length]);
    }

    /// <summary>The number after "oom_kill " at the beginning of a line, or null.</summary>
    internal static long? Parse(ReadOnlySpan<byte> content)
    {
        foreach (Range range in content.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = content[range];
            if (line.StartsWith("oom_kill "u8) && Utf8Parser.TryParse(line["oom_kill ".Length..], out long value, out _))
                return value;
        }

        return null;
    }
}
