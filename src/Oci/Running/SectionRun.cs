using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Running;

/// <summary>A section of the parent's, from its first step to its last.</summary>
internal static class SectionRun
{
    /// <exception cref="LaunchException">A step failed that must not.</exception>
    internal static void Complete(LaunchPlan plan, PlanImage image, PlanSection section, List<string> warnings)
    {
        SectionOutcome outcome = image.Run(section);
        while (outcome.Error != Errno.None)
        {
            if (!outcome.Tolerated)
                throw LaunchFailure.At(plan, section, outcome.Step, outcome.Error, outcome.Detail);
            warnings.Add(LaunchFailure.Warning(plan, section, outcome.Step, outcome.Error, outcome.Detail));
            outcome = image.Run(section, outcome.Step + 1);
        }
    }

    /// <summary>Every undo step has its turn, whatever became of the one before: the failure that led here is the one worth telling.</summary>
    internal static void Undo(PlanImage image)
    {
        SectionOutcome outcome = image.Run(PlanSection.Undo);
        while (outcome.Error != Errno.None)
            outcome = image.Run(PlanSection.Undo, outcome.Step + 1);
    }
}
