using CriRuntime.Images.Content;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests;

/// <summary>A temporary directory, removed with whatever names and depths tests put there.</summary>
internal sealed class TemporaryTree : IDisposable
{
    public TemporaryTree() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "criruntime-images-" + Guid.NewGuid().ToString("n"));

    public void Dispose() => Delete(Path);

    public static void Delete(string path)
    {
        string spillPath = path + ".spill";
        Directory.CreateDirectory(spillPath);
        using (DirectoryFd parent = DirectoryFd.Open(System.IO.Path.GetDirectoryName(path)!))
        using (DirectoryFd spill = DirectoryFd.Open(spillPath))
        {
            TreeRemoval.Remove(parent, System.IO.Path.GetFileName(path), spill);
        }

        Directory.Delete(spillPath);
    }
}
