using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.Images.Content;

/// <summary>Small files that appear whole or not at all: written beside, synced, renamed, and the directory synced.</summary>
internal static class DurableFile
{
    /// <summary>How names of unfinished files begin; they are removed when a store is opened.</summary>
    public const string TemporaryPrefix = ".tmp-";

    private const uint Permissions = 0x180; // 0600

    /// <exception cref="LinuxException">Among others ENOSPC; nothing is left then.</exception>
    public static void Write(DirectoryFd directory, string name, ReadOnlySpan<byte> content)
    {
        byte[] temporary = Encoding.ASCII.GetBytes(TemporaryPrefix + Guid.NewGuid().ToString("n"));
        using FileDescriptor file = directory.TryCreateFile(temporary, Permissions)
            ?? throw new LinuxException("openat", name, Errno.EEXIST);
        try
        {
            FileWriting.WriteAt(file, content, 0);
            FileWriting.SyncData(file);
            directory.Rename(temporary, directory, Encoding.UTF8.GetBytes(name));
        }
        catch
        {
            directory.Unlink(temporary);
            throw;
        }

        directory.Sync();
    }

    /// <summary>The whole content; null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is larger than <paramref name="limit"/> bytes.</exception>
    public static byte[]? TryRead(DirectoryFd directory, string name, int limit)
    {
        byte[] path = Encoding.UTF8.GetBytes(name);
        if (directory.TryStat(path) is not { Kind: FileKind.Regular } facts)
        {
            return null;
        }

        if (facts.Size > limit)
        {
            throw new InvalidDataException($"{name} has {facts.Size} bytes; the limit is {limit}");
        }

        byte[] content = new byte[facts.Size];
        using FileDescriptor file = directory.OpenForReading(path);
        int filled = 0;
        for (int read = 1; filled < content.Length && read > 0; filled += read)
        {
            read = file.Read(content.AsSpan(filled));
        }

        return content[..filled];
    }

    /// <summary>The names in a directory, unfinished files left out and removed.</summary>
    public static List<string> List(DirectoryFd directory)
    {
        List<string> names = [];
        using (var reader = new DirectoryReader(directory))
        {
            while (reader.MoveNext())
            {
                names.Add(Encoding.UTF8.GetString(reader.Name));
            }
        }

        foreach (string name in names.Where(IsTemporary))
        {
            directory.Unlink(Encoding.UTF8.GetBytes(name));
        }

        names.RemoveAll(IsTemporary);
        return names;
    }

    private static bool IsTemporary(string name) => name.StartsWith(TemporaryPrefix, StringComparison.Ordinal);
}
