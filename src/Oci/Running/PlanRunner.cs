using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Running;

/// <summary>
/// Carries plans out. Only for processes whose one running managed thread is the caller's (cri-conmon, cri-oci): the child of a clone has
/// no other thread, so that a lock held by one at that moment would stay held in it for ever.
/// </summary>
public static class PlanRunner
{
    /// <summary>
    /// Runs the parent's steps and clones the child, which from then on prepares itself. Returns as soon as its process id is final; how it gets on is read
    /// from <see cref="LaunchedProcess.Status"/>.
    /// </summary>
    /// <exception cref="LaunchException">A step of the parent failed; what had been done is undone.</exception>
    /// <exception cref="LinuxException">The process could not be cloned; what had been done is undone.</exception>
    public static LaunchedProcess Launch(LaunchPlan plan, LaunchStdio stdio)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(stdio);
        if ((plan.Flags & PlanFlags.ParentOnly) != 0)
            throw new ArgumentException("The plan has no child.", nameof(plan));
        PlanImage image = new(plan.Bytes.Span);
        LaunchedProcess? process = null;
        try
        {
            List<string> warnings = [];
            LaunchClock? clock = LaunchClock.For(plan.Flags);
            clock?.Note(LaunchStage.Prepare);
            SectionRun.Complete(plan, image, PlanSection.Before, warnings);
            clock?.Note(LaunchStage.Clone);
            process = Clone(plan, image, stdio, warnings, clock);
            process.Begin();
            return process;
        }
        catch
        {
            if (process is null)
            {
                SectionRun.Undo(image);
                image.Dispose();
            }
            process?.Dispose();
            throw;
        }
    }

    /// <summary>Runs a plan that clones nothing, such as a list of hooks.</summary>
    /// <param name="plan">A plan with <see cref="PlanFlags.ParentOnly"/>.</param>
    /// <param name="pid">The process that the steps are about.</param>
    /// <returns>Warnings of steps whose failure is tolerated.</returns>
    /// <exception cref="LaunchException"/>
    public static IReadOnlyList<string> RunParentSteps(LaunchPlan plan, int pid)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using PlanImage image = new(plan.Bytes.Span) { ChildPid = pid };
        List<string> warnings = [];
        try
        {
            SectionRun.Complete(plan, image, PlanSection.Before, warnings);
        }
        catch (LaunchException)
        {
            SectionRun.Undo(image);
            throw;
        }
        return warnings;
    }

    private static LaunchedProcess Clone(LaunchPlan plan, PlanImage image, LaunchStdio stdio, List<string> warnings, LaunchClock? clock)
    {
        bool needsNull = stdio.Stdin is null || stdio.Stdout is null || stdio.Stderr is null;
        using FileDescriptor? nothing = needsNull ? HostFile.Open("/dev/null", HostFileAccess.ReadWrite) : null;
        int pid = image.Clone(
            stdio.Stdin ?? nothing!, stdio.Stdout ?? nothing!, stdio.Stderr ?? nothing!,
            out FileDescriptor channel, out FileDescriptor pidFd);
        return new LaunchedProcess(plan, image, pid, pidFd, channel, warnings, clock);
    }
}
