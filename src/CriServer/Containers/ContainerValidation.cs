using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Containers;

/// <summary>What a CreateContainer request must be before anything is done for it.</summary>
public static class ContainerValidation
{
    private const int MaxArguments = 1 << 16;

    /// <exception cref="CriException">InvalidArgument naming the field, or FailedPrecondition for what this runtime does not offer.</exception>
    public static void Check(ContainerConfig config)
    {
        TextLimits.Name("config.metadata.name", config.Metadata.Name);
        TextLimits.Map("config.labels", config.Labels, TextLimits.MaxLabel);
        TextLimits.Map("config.annotations", config.Annotations, TextLimits.MaxAnnotation);
        if (config.Image.Length == 0)
            throw CriException.InvalidArgument("config.image.image is empty");
        if (config.Image.Length > TextLimits.MaxLabel)
            throw CriException.InvalidArgument($"config.image.image has {config.Image.Length} characters; at most {TextLimits.MaxLabel} are allowed");
        Arguments("config.command", config.Command);
        Arguments("config.args", config.Args);
        if (config.WorkingDirectory.Length > 0 && !config.WorkingDirectory.StartsWith('/'))
            throw CriException.InvalidArgument($"config.working_dir \"{TextLimits.Shorten(config.WorkingDirectory)}\" is not absolute");
        Environment(config.Environment);
        MountValidation.Check(config.Mounts);
        Devices(config);
        Security(config.Security);
        ResourceRequest.Check("resources", config.Resources);
    }

    private static void Arguments(string field, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > MaxArguments)
            throw CriException.InvalidArgument($"{field} has {arguments.Count} entries; at most {MaxArguments} are allowed");
        if (arguments.Any(argument => argument.Contains('\0')))
            throw CriException.InvalidArgument($"{field} has an entry with a NUL in it");
    }

    private static void Environment(IReadOnlyList<EnvironmentVariable> environment)
    {
        foreach ((string name, byte[] value) in environment)
        {
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0'))
                throw CriException.InvalidArgument($"config.envs: \"{TextLimits.Shorten(name)}\" is not the name of an environment variable");
            if (value.Contains((byte)0))
                throw CriException.InvalidArgument($"config.envs: the value of {TextLimits.Shorten(name)} has a NUL in it");
        }
    }

    private static void Devices(ContainerConfig config)
    {
        foreach (ContainerDevice device in config.Devices)
        {
            TextLimits.AbsolutePath("config.devices: host_path", device.HostPath);
            if (device.ContainerPath.Length > 0)
                TextLimits.AbsolutePath("config.devices: container_path", device.ContainerPath);
            if (device.Permissions.Any(c => c is not ('r' or 'w' or 'm')))
                throw CriException.InvalidArgument($"config.devices of {TextLimits.Shorten(device.HostPath)}: permissions are made of r, w and m");
        }
    }

    private static void Security(ContainerSecurity security)
    {
        security.SelinuxOptions?.Check("security_context.selinux_options");
        if (security.RunAsGroup is not null && security.RunAsUser is null && security.RunAsUsername.Length == 0)
            throw CriException.InvalidArgument("security_context.run_as_group needs run_as_user or run_as_username");
        if (security.RunAsUser is not null && security.RunAsUsername.Length > 0)
            throw CriException.InvalidArgument("security_context has both run_as_user and run_as_username");
        if (security.Namespaces.Pid == NamespaceMode.Target && security.Namespaces.TargetId.Length == 0)
            throw CriException.InvalidArgument("namespace_options.target_id is empty, and pid is TARGET");
    }
}
