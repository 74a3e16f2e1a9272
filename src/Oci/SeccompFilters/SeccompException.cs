namespace CriRuntime.Oci.SeccompFilters;

/// <summary>A filter that cannot be built; the message names the JSON field below <c>linux.seccomp</c>.</summary>
public sealed class SeccompException(string field, string problem)
    : Exception($"linux.seccomp{(field.Length == 0 ? "" : "." + field)}: {problem}");
