using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Specs;

/// <summary>What a container executes, and where: the pod's command and args over the image's entrypoint and command, as Kubernetes defines it.</summary>
public static class CommandLine
{
    /// <exception cref="CriException">InvalidArgument when neither says anything.</exception>
    public static IReadOnlyList<string> Merge(ContainerConfig config, ContainerImage image)
    {
        IReadOnlyList<string> command = config.Command;
        IReadOnlyList<string> arguments = config.Args;
        if (command.Count == 0)
        {
            command = image.Entrypoint;
            if (arguments.Count == 0)
                arguments = image.Command;
        }

        string[] merged = [.. command, .. arguments];
        if (merged.Length == 0 || merged[0].Length == 0)
            throw CriException.InvalidArgument($"no command: neither config.command and config.args nor image {image.Ref} say what to execute");
        return merged;
    }

    public static string WorkingDirectory(ContainerConfig config, ContainerImage image)
    {
        string directory = config.WorkingDirectory.Length > 0 ? config.WorkingDirectory : image.WorkingDirectory;
        return directory.Length == 0 ? "/" : directory.StartsWith('/') ? directory : "/" + directory;
    }
}
