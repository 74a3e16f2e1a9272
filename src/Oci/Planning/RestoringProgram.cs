namespace CriRuntime.Oci.Planning;

/// <summary>The program of the host (CRIU) that restores a container's processes.</summary>
/// <param name="Command">The program, absolute, and its arguments.</param>
/// <param name="ConsoleFile">A file of the host, absolute, that the container's terminal covers for this program alone; null: the container has no terminal.</param>
public sealed record RestoringProgram(IReadOnlyList<string> Command, string? ConsoleFile = null);
