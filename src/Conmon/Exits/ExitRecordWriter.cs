using System.Text;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Exits;

/// <summary>Writes exit records (<see cref="ExitRecord"/>) so that each is there whole or not at all.</summary>
internal sealed class ExitRecordWriter(DirectoryFd podDirectory)
{
    private static readonly byte[] DirectoryName = Encoding.UTF8.GetBytes(ExitRecord.DirectoryName);

    /// <exception cref="LinuxException">The file system refused; nothing new is at the record's name.</exception>
    internal void Write(ContainerExit exit)
    {
        using DirectoryFd directory = Open();
        byte[] name = Encoding.UTF8.GetBytes(exit.Id);
        byte[] temporary = [.. "."u8, .. name];
        Span<byte> line = stackalloc byte[64];
        line = line[..ExitRecord.Format(exit, line)];
        directory.Unlink(temporary);
        using (FileDescriptor file = directory.TryCreateFile(temporary, permissions: 0x180 /* 0600 */)
            ?? throw new LinuxException("open", exit.Id, Errno.EEXIST))
        {
            file.WriteAll(line);
        }

        directory.Rename(temporary, directory, name);
    }

    /// <summary>Removes the record of a deleted container; fine when there is none.</summary>
    internal void Remove(string id)
    {
        using DirectoryFd directory = Open();
        directory.Unlink(Encoding.UTF8.GetBytes(id));
    }

    private DirectoryFd Open()
    {
        podDirectory.TryMakeDirectory(DirectoryName, permissions: 0x1C0 /* 0700 */);
        return podDirectory.OpenDirectory(DirectoryName, PathResolution.NoSymlinks);
    }
}
