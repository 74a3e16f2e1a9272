using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>The program criu of the node, which saves and restores processes. It comes from the distribution, and need not be there.</summary>
public sealed class Criu(RuntimeSettings settings)
{
    /// <summary>The program's path, looked up anew.</summary>
    /// <exception cref="CriException">FailedPrecondition: there is none.</exception>
    public string Path
    {
        get
        {
            if (settings.CriuPath.Length > 0)
            {
                return HostPrograms.Find(settings.CriuPath)
                    ?? throw CriException.FailedPrecondition($"checkpoints need criu, and checkpoints.criu names {settings.CriuPath}, which is no program");
            }

            return HostPrograms.Find("criu") ?? throw CriException.FailedPrecondition(
                "checkpoints need the program criu, which is not on this node: install the package criu, or name it by checkpoints.criu");
        }
    }

    /// <summary>nsenter(1), which enters the pod's namespaces for criu.</summary>
    /// <exception cref="CriException">FailedPrecondition: there is none.</exception>
    public static string NsEnter => HostPrograms.Find("nsenter") ?? throw CriException.FailedPrecondition(
        "checkpoints need the program nsenter, which is not on this node: install the package util-linux");

    /// <summary>Starts it as a process group of its own. It is not to be killed while it dumps: it would leave the container's processes with its code in them.</summary>
    /// <param name="command">The program, absolute, and its arguments.</param>
    public static SpawnedProcess Start(IReadOnlyList<string> command) => SpawnedProcess.Start(new SpawnOptions(command[0], command)
    {
        Environment = [HostPrograms.PathVariable],
        WorkingDirectory = "/",
        NewSession = true,
    });
}
