using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>
/// The capabilities of a container's process (capabilities(7)): Docker's fourteen, plus and minus what the pod says. The
/// inheritable set has what is asked for as ambient, which the kernel wants in both, and nothing else (CVE-2022-27652).
/// </summary>
public static class CapabilitySets
{
    private const string All = "ALL";

    public static IReadOnlyList<string> Default { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <param name="own">What the daemon itself may hand on; ALL means these.</param>
    /// <exception cref="CriException">InvalidArgument for a name that no kernel knows.</exception>
    public static LinuxCapabilities Build(ContainerSecurity security, IReadOnlyList<string> own)
    {
        string[] ambient = [.. security.AddAmbientCapabilities.Select(name => Canonical("add_ambient_capabilities", name))];
        string[] granted = security.Privileged ? [.. own] : [.. Granted(security, own)];
        granted = [.. granted.Union(ambient)];
        return new LinuxCapabilities { Bounding = granted, Effective = granted, Permitted = granted, Inheritable = ambient, Ambient = ambient };
    }

    private static IEnumerable<string> Granted(ContainerSecurity security, IReadOnlyList<string> own)
    {
        string[] added = [.. security.AddCapabilities.Select(name => Canonical("add_capabilities", name))];
        string[] dropped = [.. security.DropCapabilities.Select(name => Canonical("drop_capabilities", name))];
        IEnumerable<string> start = added.Contains(All) ? own : dropped.Contains(All) ? [] : Default;
        return start.Union(added.Where(name => name != All)).Except(dropped);
    }

    private static string Canonical(string field, string name)
    {
        string upper = name.ToUpperInvariant();
        if (upper == All)
            return All;
        string full = upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : "CAP_" + upper;
        return CapabilityNames.All.Contains(full)
            ? full
            : throw CriException.InvalidArgument($"security_context.capabilities.{field}: \"{TextLimits.Shorten(name)}\" is not a capability");
    }
}
