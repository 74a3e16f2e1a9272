using System.Buffers.Text;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Conmon.Exits;

/// <summary>How often the kernel's out-of-memory killer struck in a container's cgroup, now compared with the container's start.</summary>
internal sealed class OomCounter
{
    // v2: cgroup-v2.rst, memory.events; v1: memory.rst, memory.oom_control. Both have a line "oom_kill N".
    private static readonly string[] FileNames = ["/memory.events", "/memory.oom_control"];

    private readonly string? _path;
    private readonly long _atStart;

    /// <summary>Finds the file among the container's cgroup directories and takes its value.</summary>
    internal OomCounter(IReadOnlyList<string> cgroupDirectories)
    {
        foreach (string directory in cgroupDirectories)
        {
            foreach (string name in FileNames)
            {
                if (Read(directory + name) is not { } value)
                    continue;
                _path = directory + name;
                _atStart = value;
                return;
            }
        }
    }

    /// <summary>True when a process of the container was killed for want of memory.</summary>
    internal bool Struck => _path is not null && Read(_path) > _atStart;

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
