using System.Text.Json;
using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Hosting;

/// <summary>The seccomp profile that RuntimeDefault means: the built-in one, or the operator's file, read once at start.</summary>
internal static class RuntimeDefaultProfile
{
    /// <exception cref="ConfigurationException">The configured file cannot be read or is no seccomp profile.</exception>
    internal static SecurityProfiles Profiles(RuntimeSettings settings)
    {
        if (settings.SeccompProfile.Length == 0)
            return new SecurityProfiles(DefaultSeccompProfile.For, settings.SeccompProfileRoot);
        Seccomp configured = Read(settings.SeccompProfile);
        return new SecurityProfiles(_ => configured, settings.SeccompProfileRoot);
    }

    private static Seccomp Read(string file)
    {
        try
        {
            return SpecJson.ParseSeccomp(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"key 'containers.seccompProfile': {file}: {e.Message}");
        }
    }
}
