using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>The program criu of the node, which saves and restores processes. It comes from the distribution, and need not be there.</summary>
public sealed class Criu(RuntimeSettings settings)
{
    private static readonly string[] Directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The program's path, looked up anew: it may be installed while the daemon runs.</summary>
    /// <exception cref="CriException">FailedPrecondition: there is none.</exception>
    public string Path
    {
        get
        {
            if (settings.CriuPath.Length > 0)
            {
                return File.Exists(settings.CriuPath)
                    ? settings.CriuPath
                    : throw CriException.FailedPrecondition($"checkpoints need criu, and checkpoints.criu names {settings.CriuPath}, which does not exist");
            }

            return Find("criu") ?? throw CriException.FailedPrecondition(
                "checkpoints need the program criu, which is not on this node: install the package criu, or name it by checkpoints.criu");
        }
    }

    /// <summary>nsenter(1), which enters the pod's namespaces for criu.</summary>
    /// <exception cref="CriException">FailedPrecondition: there is none.</exception>
    public static string NsEnter => Find("nsenter") ?? throw CriException.FailedPrecondition(
        "checkpoints need the program nsenter, which is not on this node: install the package util-linux");

    /// <summary>Starts it as a process group of its own. It is not to be killed while it dumps: it would leave the container's processes with its code in them.</summary>
    /// <param name="command">The program, absolute, and its arguments.</param>
    public static SpawnedProcess Start(IReadOnlyList<string> command) => SpawnedProcess.Start(new SpawnOptions(command[0], command)
    {
        Environment = [$"PATH={string.Join(':', Directories)}"],
        WorkingDirectory = "/",
        NewSession = true,
    });

    private static string? Find(string name)
    {
        foreach (string directory in Directories)
        {
            string path = System.IO.Path.Join(directory, name);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}
