using System.Net;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>What a RunPodSandbox request must be before anything is done for it.</summary>
public static class SandboxValidation
{
    /// <summary>HOST_NAME_MAX of Linux.</summary>
    private const int MaxHostname = 64;

    /// <exception cref="CriException">InvalidArgument naming the field, or FailedPrecondition for what this runtime does not offer.</exception>
    public static void Check(PodSandboxConfig config, string runtimeHandler, RuntimeSettings settings)
    {
        RuntimeHandlers.Configured(settings, runtimeHandler);
        TextLimits.Name("config.metadata.name", config.Metadata.Name);
        TextLimits.Name("config.metadata.namespace", config.Metadata.Namespace);
        TextLimits.OptionalName("config.metadata.uid", config.Metadata.Uid);
        TextLimits.Map("config.labels", config.Labels, TextLimits.MaxLabel);
        TextLimits.Map("config.annotations", config.Annotations, TextLimits.MaxAnnotation);
        Hostname(config.Hostname);
        TextLimits.AbsolutePath("config.log_directory", config.LogDirectory, optional: true);
        CgroupParent.Check(config.CgroupParent, settings.CgroupDriver);
        Dns(config.Dns);
        Ports(config.PortMappings);
        Namespaces(config.Namespaces);
        config.SelinuxOptions?.Check("security_context.selinux_options");
        PodSysctls.Check(config.Sysctls, config.Namespaces);
    }

    /// <summary>The refusal of a name that a pod has already.</summary>
    public static CriException Taken(PodSandbox holder) => CriException.AlreadyExists(
        $"pod sandbox {holder.Id} exists for {holder.Config.Metadata}; remove it first, or raise the attempt");

    private static void Hostname(string hostname)
    {
        if (hostname.Length > MaxHostname)
            throw CriException.InvalidArgument($"config.hostname has {hostname.Length} characters; Linux allows {MaxHostname}");
        if (!hostname.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
            throw CriException.InvalidArgument("config.hostname may have letters, digits, '-', '.' and '_' only");
    }

    private static void Dns(DnsConfig? dns)
    {
        if (dns is null)
            return;
        foreach (string entry in dns.Servers.Concat(dns.Searches).Concat(dns.Options))
        {
            if (entry.Length is 0 or > 256 || entry.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
                throw CriException.InvalidArgument($"config.dns_config: \"{TextLimits.Shorten(entry)}\" is not one word of at most 256 characters");
        }
    }

    private static void Ports(IReadOnlyList<PortMapping> mappings)
    {
        foreach (PortMapping mapping in mappings)
        {
            if (mapping.ContainerPort is < 0 or > 65535 || mapping.HostPort is < 0 or > 65535)
                throw CriException.InvalidArgument($"config.port_mappings: {mapping.HostPort} -> {mapping.ContainerPort}: ports are 0 to 65535");
            if (mapping.HostIp.Length > 0 && !IPAddress.TryParse(mapping.HostIp, out _))
                throw CriException.InvalidArgument($"config.port_mappings: host_ip \"{TextLimits.Shorten(mapping.HostIp)}\" is no IP address");
        }
    }

    private static void Namespaces(NamespaceOptions namespaces)
    {
        if (namespaces.Network is not (NamespaceMode.Pod or NamespaceMode.Node))
            throw CriException.InvalidArgument($"namespace_options.network: a pod's network is POD or NODE, not {namespaces.Network}");
        if (namespaces.Ipc is not (NamespaceMode.Pod or NamespaceMode.Node))
            throw CriException.InvalidArgument($"namespace_options.ipc: a pod's ipc is POD or NODE, not {namespaces.Ipc}");
        UserNamespaceValidation.CheckPod(namespaces);
    }
}
