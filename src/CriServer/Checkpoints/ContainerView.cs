using System.Globalization;
using System.Text;
using CriRuntime.CriServer.Errors;
using CriRuntime.Linux;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>What a running container looks like from the host.</summary>
/// <param name="Mounts">All of them.</param>
/// <param name="BindIds">The specification's bind mounts, by the ids of the mounts to which they lead.</param>
/// <param name="Streams">criu's names for what descriptors 0 to 2 have from outside.</param>
/// <param name="PidNamespace">Its inode.</param>
public sealed record ContainerView(IReadOnlyList<MountLine> Mounts, IReadOnlyDictionary<int, Mount> BindIds, IReadOnlyList<string> Streams, long PidNamespace)
{
    /// <param name="pid">Its first process.</param>
    /// <param name="spec">Its specification.</param>
    /// <exception cref="CriException">FailedPrecondition: it has ended.</exception>
    public static ContainerView Read(int pid, Spec spec)
    {
        string proc = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        try
        {
            IReadOnlyList<MountLine> mounts = MountLine.Parse(File.ReadAllText($"{proc}/mountinfo"));
            string? terminal = mounts.Select(TerminalName.Of).FirstOrDefault(static name => name is not null);
            IEnumerable<string> streams = Enumerable.Range(0, 3).Select(fd => terminal ?? Stream(proc, fd, mounts));
            return new ContainerView(mounts, FindBinds(proc, spec), [.. streams], NamespaceInode($"{proc}/ns/pid"));
        }
        catch (Exception e) when (e is IOException or LinuxException)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, $"its process {pid} can't be looked at: {e.Message}", e);
        }
    }

    /// <summary>A link in the image (/var/run) puts a mount elsewhere than the specification says; the kernel knows where.</summary>
    private static Dictionary<int, Mount> FindBinds(string proc, Spec spec)
    {
        Dictionary<int, Mount> found = [];
        using DirectoryFd root = DirectoryFd.Open($"{proc}/root");
        foreach (Mount mount in spec.Mounts.Where(ExternalMounts.IsBind))
        {
            using FileDescriptor? target = root.TryOpenPath(Encoding.UTF8.GetBytes(mount.Destination), PathResolution.InRoot);
            if (target is not null)
                found[MountId(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fdinfo/{target.Number}"))] = mount;
        }

        return found;
    }

    /// <summary>criu's name for what a descriptor has from outside: the monitor's pipe, or the host's null device. Empty for what is the container's.</summary>
    private static string Stream(string proc, int fd, IReadOnlyList<MountLine> mounts)
    {
        string link = string.Create(CultureInfo.InvariantCulture, $"{proc}/fd/{fd}");
        if (new FileInfo(link).LinkTarget is not { } target)
            return "";
        if (target.StartsWith("pipe:[", StringComparison.Ordinal))
            return target;
        int mount = MountId(string.Create(CultureInfo.InvariantCulture, $"{proc}/fdinfo/{fd}"));
        if (!target.StartsWith('/') || mounts.Any(line => line.Id == mount))
            return "";
        using DirectoryFd host = DirectoryFd.Open("/");
        FileFacts? facts = target == "/dev/null" ? host.TryStat("dev/null"u8) : null;
        return facts is { } found ? string.Create(CultureInfo.InvariantCulture, $"file[{mount:x}:{found.Inode:x}]") : "";
    }

    /// <summary>The link reads <c>pid:[INODE]</c>.</summary>
    private static long NamespaceInode(string link)
    {
        string target = new FileInfo(link).LinkTarget ?? throw new IOException($"{link} is no link");
        return long.Parse(target.AsSpan(target.IndexOf('[') + 1).TrimEnd(']'), CultureInfo.InvariantCulture);
    }

    private static int MountId(string fdinfo)
    {
        const string Field = "mnt_id:";
        foreach (string line in File.ReadAllLines(fdinfo))
        {
            if (line.StartsWith(Field, StringComparison.Ordinal))
                return int.Parse(line.AsSpan(Field.Length).Trim(), CultureInfo.InvariantCulture);
        }

        throw new IOException($"{fdinfo} has no mount id");
    }
}
