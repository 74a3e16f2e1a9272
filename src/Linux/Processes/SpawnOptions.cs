namespace CriRuntime.Linux;

/// <summary>What to spawn and what it inherits. Signal dispositions are always the default ones.</summary>
/// <param name="Path">The executable, absolute.</param>
/// <param name="Arguments">argv, the program's own name included.</param>
public sealed record SpawnOptions(string Path, IReadOnlyList<string> Arguments)
{
    /// <summary>The whole environment as NAME=value; null passes this process's own.</summary>
    public IReadOnlyList<string>? Environment { get; init; }

    /// <summary>Entry i becomes descriptor i of the child; null becomes /dev/null; every other descriptor is closed. At least three.</summary>
    public IReadOnlyList<FileDescriptor?> Descriptors { get; init; } = [null, null, null];

    public string? WorkingDirectory { get; init; }

    /// <summary>Gives the child a session (setsid(2)) of its own, so that no terminal's or group's signal reaches it.</summary>
    public bool NewSession { get; init; }

    /// <summary>Signals that the child starts with blocked.</summary>
    public IReadOnlyList<int> BlockedSignals { get; init; } = [];
}
