using CriRuntime.Linux;

namespace CriRuntime.Oci.Running;

/// <summary>A launch that failed: what was being done, at which step, why. The process is gone and the plan's undo steps are done.</summary>
public sealed class LaunchException : IOException
{
    internal LaunchException(string message, string? step, int index, Errno errno)
        : base(message)
    {
        Step = step;
        Index = index;
        Errno = errno;
    }

    /// <summary>The step, as <see cref="Planning.LaunchPlan.Describe"/> writes it; null when the process died between steps.</summary>
    public string? Step { get; }

    /// <summary>Its place in its section, from 0; -1 when the process died between steps.</summary>
    public int Index { get; }

    /// <summary>The kernel's reason; None when the process died, ECHILD for a hook that ended with a failure, ETIME for one that took too long.</summary>
    public Errno Errno { get; }
}
