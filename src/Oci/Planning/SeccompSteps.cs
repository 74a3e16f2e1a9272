using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>The seccomp section as a filter for a step.</summary>
internal static class SeccompSteps
{
    /// <summary>Null where the section says nothing.</summary>
    internal static SeccompFilter? Compile(Seccomp? seccomp) => seccomp is null ? null : throw new SpecException("linux.seccomp", "is not compiled in yet");
}
