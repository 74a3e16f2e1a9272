using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.Images.Content;

/// <summary>Making and opening the store's own directories.</summary>
internal static class StoreDirectory
{
    private const uint Private = 0x1C0; // 0700

    /// <summary>Opens a directory of the store; makes it, private to root, where it is missing.</summary>
    public static DirectoryFd Open(DirectoryFd parent, string name, uint permissions = Private)
    {
        byte[] path = Encoding.UTF8.GetBytes(name);
        bool isNew = parent.TryMakeDirectory(path, permissions);
        DirectoryFd directory = parent.OpenDirectory(path, PathResolution.NoSymlinks);
        if (isNew)
        {
            InodeAttributes.SetPermissions(directory.Descriptor, permissions);
        }

        return directory;
    }

    /// <summary>Removes everything that an earlier process left in a directory.</summary>
    public static void Empty(DirectoryFd directory, DirectoryFd spill)
    {
        foreach (string name in DurableFile.List(directory))
        {
            TreeRemoval.Remove(directory, name, spill);
        }
    }
}
