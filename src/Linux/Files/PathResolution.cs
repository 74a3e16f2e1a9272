namespace CriRuntime.Linux;

/// <summary>How openat2 walks a path below a directory (openat2(2), RESOLVE_*). Magic links (/proc/self/fd/...) are never followed.</summary>
[Flags]
public enum PathResolution
{
    NoMagicLinks = 0x02,

    /// <summary>No component may be a symbolic link.</summary>
    NoSymlinks = 0x04 | NoMagicLinks,

    /// <summary>A path or link that leaves the directory is an error (EXDEV).</summary>
    Beneath = 0x08 | NoMagicLinks,

    /// <summary>The directory is the root for absolute links and for "..", as under chroot.</summary>
    InRoot = 0x10 | NoMagicLinks,
}
