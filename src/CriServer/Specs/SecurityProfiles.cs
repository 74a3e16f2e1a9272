using System.Text.Json;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Which seccomp profile a request means.</summary>
/// <param name="runtimeDefault">The default seccomp profile for a process with these capabilities.</param>
/// <param name="profileRoot">Where relative localhost profiles lie.</param>
public sealed class SecurityProfiles(Func<IReadOnlyList<string>, Seccomp> runtimeDefault, string profileRoot)
{
    private const int MaxProfileBytes = 4 << 20;

    /// <summary>Compiles the profile that most containers use, tens of milliseconds that the first of them need not wait for.</summary>
    /// <exception cref="SeccompException">libseccomp is missing or refuses the profile.</exception>
    public void Warm() => SeccompProgramCache.Get(runtimeDefault(CapabilitySets.Default));

    /// <summary>Null: unconfined, which is also what no profile and a privileged container mean.</summary>
    /// <exception cref="CriException">InvalidArgument for a localhost profile that is missing or damaged.</exception>
    public Seccomp? Seccomp(ContainerSecurity security, IReadOnlyList<string> capabilities)
    {
        if (security.Privileged || security.Seccomp is not { } profile)
            return null;
        return profile.Kind switch
        {
            SecurityProfileKind.RuntimeDefault => runtimeDefault(capabilities),
            SecurityProfileKind.Localhost => Load(profile.LocalhostRef),
            _ => null,
        };
    }

    private Seccomp Load(string reference)
    {
        const string Prefix = "localhost/";
        string name = reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference;
        if (name.Length == 0 || name.Contains('\0') || TextLimits.HasDotDot(name))
            throw CriException.InvalidArgument($"security_context.seccomp: localhost_ref \"{TextLimits.Shorten(reference)}\" is not the path of a profile");
        string path = name.StartsWith('/') ? name : Path.Join(profileRoot, name);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxProfileBytes })
                throw CriException.InvalidArgument($"security_context.seccomp: profile {path} is larger than {MaxProfileBytes} bytes");
            return SpecJson.ParseSeccomp(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new CriException(CriErrorKind.InvalidArgument, $"security_context.seccomp: profile {path} can't be used: {e.Message}", e);
        }
    }
}
