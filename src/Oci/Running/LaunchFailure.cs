using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Running;

/// <summary>Failures in words: <c>create container web: mount proc on /proc: FsMount (child step 14): EPERM</c>.</summary>
internal static class LaunchFailure
{
    internal static LaunchException At(LaunchPlan plan, PlanSection section, int index, Errno errno, int detail)
    {
        ReadOnlySpan<byte> block = plan.Bytes.Span;
        if (index < 0)
            return new($"{plan.Title}: the standard descriptors: {Name(errno)}", null, -1, errno);
        Step step = PlanFormat.Steps(block, plan.Header, section)[index];
        string message = $"{plan.Title}: {Describe(block, step, section, index)}: {Reason(step.Kind, errno, detail)}";
        return new(message, PlanDescription.Describe(block, step), index, errno);
    }

    internal static LaunchException Died(LaunchPlan plan, ExitStatus how) =>
        new($"{plan.Title}: the process ended before it was ready ({(how.Signal == 0 ? $"status {how.Status}" : $"signal {how.Signal}")})", null, -1, Errno.None);

    internal static string Warning(LaunchPlan plan, PlanSection section, int index, Errno errno, int detail)
    {
        ReadOnlySpan<byte> block = plan.Bytes.Span;
        Step step = PlanFormat.Steps(block, plan.Header, section)[index];
        return $"{Describe(block, step, section, index)}: {Reason(step.Kind, errno, detail)}";
    }

    private static string Describe(ReadOnlySpan<byte> block, in Step step, PlanSection section, int index)
    {
        string label = PlanDescription.Decode(block, step.Label) ?? step.Kind.ToString();
        return $"{label}: {step.Kind} ({(section == PlanSection.Child ? "child" : "parent")} step {index})";
    }

    private static string Reason(StepKind kind, Errno errno, int detail)
    {
        if (kind == StepKind.RunHook && errno == Errno.ETIME)
            return "it took longer than its timeout and was killed";
        if (kind == StepKind.RunHook && errno == Errno.ECHILD)
            return (detail & 0x7f) == 0 ? $"exit status {detail >> 8 & 0xff}" : $"killed by signal {detail & 0x7f}";
        return Name(errno);
    }

    private static string Name(Errno errno) => Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
}
