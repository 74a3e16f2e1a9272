using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

/// <summary>Plans of the example specification with a change, as lines of text.</summary>
internal static class TestPlans
{
    internal static LaunchPlan Plan(Func<Spec, Spec>? change = null, Func<PlanOptions, PlanOptions>? options = null)
    {
        PlanOptions given = new() { ContainerId = "web", Rootfs = new DirectoryRootfs("/images/web"), Host = HostFacts.Complete };
        return LaunchPlanner.Plan((change ?? (static s => s))(ExampleSpec.Create()), (options ?? (static o => o))(given));
    }

    internal static Spec WithMount(this Spec spec, string type, string source, string destination, params string[] options) =>
        spec with { Mounts = [new Mount { Type = type, Source = source, Destination = destination, Options = options }] };

    internal static Spec WithProcess(this Spec spec, Func<Process, Process> change) => spec with { Process = change(spec.Process!) };

    /// <summary>Without a uts namespace there is no hostname either.</summary>
    internal static Spec WithLinux(this Spec spec, Func<LinuxSection, LinuxSection> change)
    {
        LinuxSection changed = change(spec.Linux!);
        bool hasName = changed.Namespaces.Any(static n => n.Type == LinuxNamespaceType.Uts);
        return spec with { Linux = changed, Hostname = hasName ? spec.Hostname : null };
    }

    internal static string[] Lines(this LaunchPlan plan) => plan.Describe().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where the first line with all these words is; fails the test where there is none.</summary>
    internal static int IndexOf(this LaunchPlan plan, params string[] words)
    {
        int index = Array.FindIndex(plan.Lines(), line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
        Assert.True(index >= 0, $"no line with {string.Join(", ", words)} in:\n{plan.Describe()}");
        return index;
    }
}
