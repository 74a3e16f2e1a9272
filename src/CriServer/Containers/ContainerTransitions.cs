using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>Every change of a container's phase, drawn at <see cref="Container"/>. Each validates and returns the new state, or the same object when nothing changes.</summary>
public static class ContainerTransitions
{
    /// <summary>The exit code of a container whose process never ran, and of one whose end nobody saw.</summary>
    public const int StartErrorCode = 128;

    /// <inheritdoc cref="StartErrorCode"/>
    public const int UnknownExitCode = 137;

    public static Container Created(Container container, int pid) =>
        container.Phase == ContainerPhase.Creating
            ? container with { Phase = ContainerPhase.Created, Pid = pid }
            : throw CriException.FailedPrecondition($"{container} became {container.Phase} while it was being created");

    /// <summary>Throws unless the container may be started.</summary>
    public static void EnsureStartable(Container container)
    {
        if (container.Phase != ContainerPhase.Created)
            throw CriException.FailedPrecondition($"{container} is {container.Phase}, not Created: it can't be started");
    }

    /// <summary>Throws unless the container's resources may be changed.</summary>
    public static void EnsureUpdatable(Container container)
    {
        if (!container.IsAlive)
            throw CriException.FailedPrecondition($"{container} is {container.Phase}, neither Created nor Running: its resources can't be updated");
    }

    /// <summary>The limits are in force.</summary>
    public static Container Updated(Container container, ContainerResources resources, string? blockIoClass)
    {
        EnsureUpdatable(container);
        return container with { UpdatedResources = resources, BlockIoClass = blockIoClass };
    }

    /// <summary>An exit that was announced before the start was recorded keeps its place: only the start time is added.</summary>
    public static Container Running(Container container, int pid, long startedAt) => container.Phase switch
    {
        ContainerPhase.Created => container with { Phase = ContainerPhase.Running, Pid = pid, StartedAt = startedAt },
        ContainerPhase.Exited when container.StartedAt == 0 => container with { StartedAt = Math.Min(startedAt, container.FinishedAt) },
        _ => container,
    };

    public static Container Exited(Container container, int exitCode, bool oomKilled, long finishedAt)
    {
        if (!container.IsAlive)
            return container;
        string reason = oomKilled ? "OOMKilled" : exitCode == 0 ? "Completed" : "Error";
        return End(container, exitCode, reason, "", finishedAt);
    }

    public static Container StartFailed(Container container, string message, long now) =>
        container.IsAlive
            ? End(container with { StartedAt = now }, StartErrorCode, "StartError", message, now)
            : container with { ExitCode = StartErrorCode, Reason = "StartError", Message = message };

    /// <summary>Nobody can say how it ended: its monitor is gone and left no exit record.</summary>
    public static Container Lost(Container container, string message, long now) =>
        container.IsAlive ? End(container, UnknownExitCode, "Unknown", message, now) : container;

    public static Container Removing(Container container) => container.Phase switch
    {
        ContainerPhase.Removing => container,
        ContainerPhase.Exited => container with { Phase = ContainerPhase.Removing },
        _ => throw CriException.FailedPrecondition($"{container} is {container.Phase}; it must have ended before it is removed"),
    };

    private static Container End(Container container, int exitCode, string reason, string message, long finishedAt) =>
        container with
        {
            Phase = ContainerPhase.Exited,
            Pid = 0,
            ExitCode = exitCode,
            Reason = reason,
            Message = message,
            FinishedAt = finishedAt,
        };
}
