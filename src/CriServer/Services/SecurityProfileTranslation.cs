using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Sandboxes;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>What of the node's security modules a request names. Profiles of seccomp and AppArmor by the CRI's message or, from older clients, by a deprecated string.</summary>
internal static class SecurityProfileTranslation
{
    public static SelinuxOptions? ToDomain(this Cri.SELinuxOption? options) =>
        options is null ? null : new SelinuxOptions(options.User, options.Role, options.Type, options.Level);

#pragma warning disable CS0612 // Kubelets before 1.30 send only these.
    /// <exception cref="CriException">InvalidArgument: the deprecated string names no profile.</exception>
    public static SecurityProfile? SeccompProfile(this Cri.LinuxContainerSecurityContext security) =>
        ToDomain(security.Seccomp, security.SeccompProfilePath, "seccomp_profile_path");

    /// <exception cref="CriException">InvalidArgument: the deprecated string names no profile.</exception>
    public static SecurityProfile? AppArmorProfile(this Cri.LinuxContainerSecurityContext security) =>
        ToDomain(security.Apparmor, security.ApparmorProfile, "apparmor_profile");
#pragma warning restore CS0612

    /// <param name="profile">Counts where it is set.</param>
    /// <param name="deprecated">Empty, <c>runtime/default</c>, <c>unconfined</c> or <c>localhost/NAME</c>.</param>
    /// <param name="field">The deprecated field, for messages.</param>
    private static SecurityProfile? ToDomain(Cri.SecurityProfile? profile, string deprecated, string field)
    {
        if (profile is not null)
            return new SecurityProfile((SecurityProfileKind)profile.ProfileType, profile.LocalhostRef);
        return deprecated switch
        {
            "" => null,
            "runtime/default" or "docker/default" => new SecurityProfile(SecurityProfileKind.RuntimeDefault, ""),
            "unconfined" => new SecurityProfile(SecurityProfileKind.Unconfined, ""),
            _ when deprecated.StartsWith("localhost/", StringComparison.Ordinal) => new SecurityProfile(SecurityProfileKind.Localhost, deprecated),
            _ => throw CriException.InvalidArgument($"security_context.{field} \"{TextLimits.Shorten(deprecated)}\" is none of runtime/default, unconfined, localhost/NAME"),
        };
    }
}
