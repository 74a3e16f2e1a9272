using System.Buffers.Text;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Conmon.Exits;

/// <summary>How often the kernel's out-of-memory killer struck in a container's cgroup, now compared with the container's start.</summary>
internal sealed class OomCounter
{
    // v2: cgroup-v2.rst, memory.events; v1: memory.rst, memory.oom_control. Both have a line "oom_kill N".
    private const string UnifiedFile = "/memory.events";
    private const int Killed = 128 + 9;
    private static readonly string[] FileNames = [UnifiedFile, "/memory.oom_control"];

    private readonly OomLedger _pod;
    private readonly string? _path;
    private readonly long _atStart;
    private readonly string? _parentPath;
    private readonly long _parentAtStart;
    private readonly long _elsewhereAtStart;
    private long _kills;
    private bool _isTold;

    /// <summary>Finds the file among the container's cgroup directories and takes its value.</summary>
    internal OomCounter(IReadOnlyList<string> cgroupDirectories, OomLedger pod)
    {
        _pod = pod;
        foreach (string directory in cgroupDirectories)
        {
            foreach (string name in FileNames)
            {
                if (pod.Read(directory + name) is not { } value)
                    continue;
                _path = directory + name;
                _atStart = value;
                if (name == UnifiedFile && Path.GetDirectoryName(directory) is { } parent)
                {
                    _parentPath = parent + name;
                    _parentAtStart = pod.Read(_parentPath) ?? 0;
                    _elsewhereAtStart = pod.Elsewhere(this);
                }

                return;
            }
        }
    }

    /// <summary>Its cgroup is gone, and nobody has asked yet what became of it: kills that are counted in the pod may be its own.</summary>
    internal bool IsUntold => !_isTold && _path is not null && _pod.Read(_path) is null;

    /// <summary>True when a process of the container was killed for want of memory.</summary>
    /// <param name="exitCode">
    /// Of the container's first process, 128 + n for signal n. Systemd removes a scope's cgroup as soon as it is empty, perhaps before we look; its kills
    /// are then counted in its parent still. Those that are no other container's are taken for its own if it was killed, or passes on that its child was; and also
    /// if it failed otherwise, unless they may be another's whose cgroup is gone too.
    /// </param>
    internal bool HasStruck(int exitCode)
    {
        // Asked once: the cgroup may go between two questions, and with it the answer.
        bool isThere = Count();
        bool suspect = exitCode == Killed || (exitCode != 0 && !_pod.HasUntold(this));
        if (!isThere && suspect && _parentPath is not null && _pod.Read(_parentPath) is { } inPod)
            _kills = Math.Max(_kills, inPod - _parentAtStart - (_pod.Elsewhere(this) - _elsewhereAtStart));
        _isTold = true;
        return _kills > 0;
    }

    /// <summary>How many there were since the start, or when the cgroup was last there.</summary>
    internal long Kills()
    {
        Count();
        return _kills;
    }

    /// <returns>False: there is nothing to count any more, or never was.</returns>
    private bool Count()
    {
        if (_path is null || _pod.Read(_path) is not { } now)
            return false;
        _kills = Math.Max(_kills, now - _atStart);
        return true;
    }

    internal static long? Read(string path)
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
