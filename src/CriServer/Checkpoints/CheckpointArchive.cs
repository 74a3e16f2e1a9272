using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Images;
using CriRuntime.Images.Layers;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>A directory as one file, and back.</summary>
internal static class CheckpointArchive
{
    /// <summary>Writes a directory as an archive that appears by rename, in place of what had its name.</summary>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="OperationCanceledException">Nothing has appeared.</exception>
    public static async Task<long> WriteAsync(string directory, string location, CancellationToken limit)
    {
        string unfinished = $"{location}.{ObjectId.New()[..12]}.tmp";
        try
        {
            long bytes;
            using (FileStream archive = Create(unfinished))
            {
                await TarArchives.PackAsync(directory, archive, limit).ConfigureAwait(false);
                archive.Flush(flushToDisk: true);
                bytes = archive.Length;
            }

            limit.ThrowIfCancellationRequested();
            File.Move(unfinished, location, overwrite: true);
            return bytes;
        }
        finally
        {
            if (File.Exists(unfinished))
                File.Delete(unfinished);
        }
    }

    /// <summary>Mode 0600: there is all of a container's memory in it.</summary>
    public static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        BufferSize = 256 << 10,
    });

    /// <summary>Unpacks an archive into an empty directory: nothing but plain files comes out.</summary>
    /// <exception cref="CriException">NotFound: there is none.</exception>
    /// <exception cref="InvalidDataException">It is corrupt or hostile.</exception>
    public static async Task UnpackAsync(string path, string directory)
    {
        // Not a fifo or device, whose opening could wait for ever.
        if (!File.Exists(path) || !IsRegular(path))
            throw CriException.NotFound("there is no such file on this node");
        using FileStream archive = File.OpenRead(path);
        await TarArchives.UnpackFilesAsync(archive, directory, new LayerLimits(), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What goes wrong while an archive is unpacked and read, with its name.</summary>
    public static Exception Explain(Exception cause, string archive)
    {
        string name = Sandboxes.TextLimits.Shorten(archive);
        return cause switch
        {
            InvalidDataException => new CriException(CriErrorKind.InvalidArgument, $"checkpoint {name}: {cause.Message}", cause),
            CriException cri => new CriException(cri.Kind, $"checkpoint {name}: {cri.Message}", cause),
            IOException or UnauthorizedAccessException or LinuxException => new CriException(CriErrorKind.FailedPrecondition, $"checkpoint {name} can't be unpacked: {cause.Message}", cause),
            _ => cause,
        };
    }

    private static bool IsRegular(string path)
    {
        string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        using DirectoryFd parent = DirectoryFd.Open(Path.GetDirectoryName(target)!);
        return parent.TryStat(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(target)))?.Kind == FileKind.Regular;
    }
}
