using System.Text;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Lsm;

/// <summary>
/// Gives a volume the label of the container's files. What it does to the node's own directories cannot be taken back and locks everybody else out, so those are
/// refused, as go-selinux does (and what /bin, /lib and their like lead to today). The tree may be another container's to change meanwhile: links are not followed, and depth is bounded.
/// </summary>
public static class SelinuxRelabel
{
    /// <summary>Levels of directories that are entered.</summary>
    public const int MaxDepth = 256;

    private static readonly HashSet<string> Forbidden = new(StringComparer.Ordinal)
    {
        "/", "/bin", "/boot", "/dev", "/etc", "/etc/passwd", "/etc/pki", "/etc/shadow", "/home", "/lib", "/lib64", "/media", "/opt", "/proc", "/root", "/run",
        "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/sbin", "/var", "/var/lib", "/var/log",
    };

    private static ReadOnlySpan<byte> Attribute => "security.selinux"u8;

    /// <summary>Before anything is made.</summary>
    /// <param name="path">Absolute, with links resolved.</param>
    /// <exception cref="CriException">InvalidArgument: a directory of the node's own.</exception>
    public static void Check(string path)
    {
        string clean = Path.GetFullPath(path).TrimEnd('/') is { Length: > 0 } some ? some : "/";
        if (Forbidden.Contains(clean))
            throw CriException.InvalidArgument($"config.mounts: selinux_relabel of {TextLimits.Shorten(clean)} is not allowed: it is the node's own");
    }

    /// <summary>Labels a file, or a directory and all that is in it. File systems without labels are passed over.</summary>
    /// <param name="path">Absolute; not itself a link.</param>
    /// <param name="label">The files' context.</param>
    /// <exception cref="LinuxException">A label can't be set, e.g. on a read-only file system.</exception>
    /// <exception cref="CriException">InvalidArgument as <see cref="Check"/> has it; FailedPrecondition: directories are nested deeper than <see cref="MaxDepth"/>.</exception>
    public static void Apply(string path, string label)
    {
        Check(path);
        path = Path.GetFullPath(path).TrimEnd('/');
        byte[] value = Encoding.UTF8.GetBytes(label);
        byte[] name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
        using DirectoryFd parent = DirectoryFd.Open(Path.GetDirectoryName(path)!);
        // Where it really is: one of the directories on the way may be a link.
        Check(Path.Join(new FileInfo($"/proc/self/fd/{parent.Descriptor.Number}").LinkTarget, Path.GetFileName(path)));
        parent.TrySetXattr(name, Attribute, value);
        if (TryEnter(parent, name) is { } root)
            Descend(path, root, value);
    }

    private static void Descend(string path, DirectoryFd root, byte[] value)
    {
        Stack<(DirectoryFd Directory, DirectoryReader Reader)> open = new();
        open.Push((root, new DirectoryReader(root)));
        try
        {
            while (open.TryPeek(out (DirectoryFd Directory, DirectoryReader Reader) current))
            {
                if (!current.Reader.MoveNext())
                {
                    Close(open.Pop());
                    continue;
                }

                Label(current.Directory, current.Reader.Name, value);
                if (current.Reader.Kind is not (FileKind.Directory or FileKind.Unknown) || TryEnter(current.Directory, current.Reader.Name) is not { } child)
                    continue;
                open.Push((child, new DirectoryReader(child)));
                if (open.Count > MaxDepth)
                    throw CriException.FailedPrecondition($"config.mounts: selinux_relabel of {path}: its directories are nested deeper than {MaxDepth} levels");
            }
        }
        finally
        {
            while (open.TryPop(out (DirectoryFd Directory, DirectoryReader Reader) rest))
                Close(rest);
        }
    }

    /// <summary>Null for what is no directory, or is one no longer.</summary>
    private static DirectoryFd? TryEnter(DirectoryFd directory, ReadOnlySpan<byte> name)
    {
        try
        {
            return directory.TryOpenDirectory(name, PathResolution.NoSymlinks);
        }
        catch (LinuxException e) when (e.Errno == Errno.ELOOP)
        {
            return null;
        }
    }

    private static void Label(DirectoryFd directory, ReadOnlySpan<byte> name, byte[] value)
    {
        try
        {
            directory.TrySetXattr(name, Attribute, value);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            // Somebody removed it meanwhile.
        }
    }

    private static void Close((DirectoryFd Directory, DirectoryReader Reader) entry)
    {
        entry.Reader.Dispose();
        entry.Directory.Dispose();
    }
}
