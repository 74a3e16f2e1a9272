namespace CriRuntime.Oci.SeccompFilters;

/// <summary>A compiled filter.</summary>
/// <param name="Code"><c>struct sock_filter[]</c>, 8 bytes an instruction, at most 4096 of them.</param>
/// <param name="Flags">For seccomp(2), SECCOMP_SET_MODE_FILTER.</param>
public sealed record SeccompProgram(ReadOnlyMemory<byte> Code, uint Flags);
