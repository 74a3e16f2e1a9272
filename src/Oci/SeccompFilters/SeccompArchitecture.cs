using System.Runtime.InteropServices;

namespace CriRuntime.Oci.SeccompFilters;

/// <summary>Names of architectures in the configuration.</summary>
internal static class SeccompArchitecture
{
    /// <summary><c>SCMP_ARCH_X86_64</c> is libseccomp's <c>x86_64</c>, and so on; checked against the specification's list by libseccomp itself.</summary>
    internal static string LibraryName(string name, string field) =>
        name.StartsWith("SCMP_ARCH_", StringComparison.Ordinal) && name.Length > 10
            ? name[10..].ToLowerInvariant()
            : throw new SeccompException(field, $"\"{name}\" is not an architecture");

    /// <summary>This machine's architecture and those whose programs its kernel runs too.</summary>
    internal static string[] Native() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        Architecture.Arm64 => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        Architecture.S390x => ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"],
        Architecture.Ppc64le => ["SCMP_ARCH_PPC64LE"],
        Architecture.RiscV64 => ["SCMP_ARCH_RISCV64"],
        Architecture.LoongArch64 => ["SCMP_ARCH_LOONGARCH64"],
        _ => [],
    };
}
