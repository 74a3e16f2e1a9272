using CriRuntime.Linux;
using Microsoft.Win32.SafeHandles;

namespace CriRuntime.CriServer.State;

/// <summary>Small files that appear whole, by rename, or not at all.</summary>
public static class StateFile
{
    /// <summary>Replaces the file. Enough on a tmpfs and wherever a loss at power cut is acceptable.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".tmp";
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.Read))
            RandomAccess.Write(file, content, 0);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Replaces the file, and returns when it would survive a power cut. Two syncs: the file's and its directory's.</summary>
    public static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".tmp";
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        using DirectoryFd directory = DirectoryFd.Open(Path.GetDirectoryName(path)!);
        directory.Sync();
    }
}
