using System.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>What an update has written to a live cgroup, and what stood there before.</summary>
public sealed class LimitChanges
{
    private readonly Stack<(string Path, string Former)> former = new();

    /// <summary>The writes that <see cref="Revert"/> makes.</summary>
    public IReadOnlyList<CgroupStep.WriteFile> Former => [.. former.Select(static change => new CgroupStep.WriteFile(change.Path, change.Former))];

    /// <summary>Writes unless the file says so already.</summary>
    internal Errno TryWrite(string path, string value)
    {
        string? text = Read(path);
        if (text == value)
            return Errno.None;
        Errno errno = CgroupFile.TryWrite(path, Encoding.UTF8.GetBytes(value));
        if (errno == Errno.None && text is not null)
            former.Push((path, FormerValue.Of(Path.GetFileName(path), text, value)));
        return errno;
    }

    /// <summary>
    /// Puts back what stood there, newest first, so that every state in between was valid once. A limit that was raised may have been used by now:
    /// then the kernel refuses the old one.
    /// </summary>
    /// <returns>The files that could not be put back, with the kernel's reason; none when all is as it was.</returns>
    public IReadOnlyList<string> Revert()
    {
        List<string> stuck = [];
        while (former.TryPop(out (string Path, string Former) change))
        {
            Errno errno = CgroupFile.TryWrite(change.Path, Encoding.UTF8.GetBytes(change.Former));
            if (errno != Errno.None)
                stuck.Add($"{change.Path} ({errno})");
        }
        return stuck;
    }

    /// <summary>The text without its last newline; null when the file is missing or can't be read.</summary>
    internal static string? Read(string path)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = CgroupFile.TryRead(path, buffer);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n');
    }
}
