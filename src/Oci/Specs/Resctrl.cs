namespace CriRuntime.Oci.Specs;

/// <summary>The kernel's file system for classes of cache and memory bandwidth (Documentation/filesystems/resctrl.rst): a directory is a class.</summary>
public static class Resctrl
{
    public const string Root = "/sys/fs/resctrl";

    /// <summary>The class that the root directory is: that of everything without a class (config-linux.md, IntelRdt).</summary>
    public const string RootClass = "/";

    /// <summary>Whether a name can be a class: the root's, or that of one directory that is not the kernel's own.</summary>
    public static bool IsClassName(string name) =>
        name == RootClass || (name.Length is > 0 and <= 255 && name is not ("." or ".." or "info" or "mon_groups" or "mon_data") && !name.AsSpan().ContainsAny('/', '\n', '\0'));

    /// <param name="root">Where resctrl is mounted.</param>
    /// <param name="closId">See <see cref="IsClassName"/>.</param>
    public static string Directory(string root, string closId) => closId == RootClass ? root : $"{root}/{closId}";
}
