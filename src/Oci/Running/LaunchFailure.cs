using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Running;

/// <summary>
/// Failures in words: <c>create container web: exec: "nosuch": executable file not found in $PATH (child step 41, Exec: ENOENT)</c>. What comes before
/// the parentheses is for whoever wrote the pod; what is in them, for whoever reads the plan.
/// </summary>
internal static class LaunchFailure
{
    internal static LaunchException At(LaunchPlan plan, PlanSection section, int index, Errno errno, int detail)
    {
        ReadOnlySpan<byte> block = plan.Bytes.Span;
        if (index < 0)
            return new($"{plan.Title}: the standard descriptors: {StepReason.Words(errno)} ({errno})", null, -1, errno);
        Step step = PlanFormat.Steps(block, plan.Header, section)[index];
        return new($"{plan.Title}: {Sentence(block, step, section, index, errno, detail)}", PlanDescription.Describe(block, step), index, errno);
    }

    internal static LaunchException Died(LaunchPlan plan, ExitStatus how) =>
        new($"{plan.Title}: the process {(how.Signal == 0 ? $"ended with status {how.Status}" : $"was killed by signal {how.Signal}")} before it was ready", null, -1, Errno.None);

    internal static string Warning(LaunchPlan plan, PlanSection section, int index, Errno errno, int detail)
    {
        ReadOnlySpan<byte> block = plan.Bytes.Span;
        return Sentence(block, PlanFormat.Steps(block, plan.Header, section)[index], section, index, errno, detail);
    }

    private static string Sentence(ReadOnlySpan<byte> block, in Step step, PlanSection section, int index, Errno errno, int detail) =>
        $"{StepSubject.Of(block, step)}: {StepReason.Of(block, step, errno, detail)} ({(section == PlanSection.Child ? "child" : "parent")} step {index}, {step.Kind}: {errno})";
}
