using System.Text;
using CriRuntime.Linux.Launching;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// What is set through procfs, always through a descriptor of the host's own one that the parent opened and checked. What it shows of
/// <c>sys/net</c>, <c>sys/kernel</c> and <c>self</c> is that of the process that looks.
/// </summary>
internal static class ProcSteps
{
    internal static void Open(PlanWriter plan, int slot)
    {
        plan.Before(new(StepKind.OpenPath, "open /proc") { Slot = slot, Text = "/proc", Number = O_PATH });
        plan.Before(new(StepKind.VerifyFilesystem, "check /proc") { Base = slot, Value = PROC_SUPER_MAGIC });
    }

    /// <summary>Names with dots or slashes; a dot in a name's part is written as a slash and the other way round (sysctl(8)).</summary>
    internal static void Sysctl(PlanWriter plan, int proc, IEnumerable<KeyValuePair<string, string>> sysctls)
    {
        foreach ((string name, string value) in sysctls)
        {
            plan.Child(new(StepKind.WriteProc, $"set sysctl {name}={value}")
            {
                Base = proc,
                Text = "sys/" + PathOf(name),
                Blob = Encoding.UTF8.GetBytes(value.Length == 0 ? "\n" : value),
            });
        }
    }

    internal static void Labels(PlanWriter plan, int proc, HostFacts host, string? apparmor, string? selinux)
    {
        if (!string.IsNullOrEmpty(apparmor) && host.AppArmor)
            Attribute(plan, proc, "self/attr/apparmor/exec", $"exec {apparmor}", $"apply the AppArmor profile {apparmor}");
        else if (!string.IsNullOrEmpty(apparmor) && apparmor != "unconfined")
            throw new Specs.SpecException("process.apparmorProfile", $"\"{apparmor}\" is set, but AppArmor is not in force on this host");
        if (!string.IsNullOrEmpty(selinux) && host.SELinux)
            Attribute(plan, proc, "self/attr/exec", selinux, $"apply the SELinux label {selinux}");
        else if (!string.IsNullOrEmpty(selinux))
            plan.Warn($"process.selinuxLabel \"{selinux}\" is ignored: SELinux is not in force on this host");
    }

    /// <summary>Of the child, written by the parent, which may do so whatever user namespace the child is in.</summary>
    internal static void OomScore(PlanWriter plan, HostFacts host, int? adjustment)
    {
        if (adjustment is not { } score)
            return;
        int child = plan.NewSlot();
        plan.AfterClone(new(StepKind.OpenChildProc, "set oom_score_adj") { Slot = child });
        plan.AfterClone(new(StepKind.WriteFile, $"set oom_score_adj to {score}")
        {
            Base = child,
            Text = "oom_score_adj",
            Blob = Encoding.ASCII.GetBytes($"{score}"),
            Flags = host.MayRaiseLimits ? StepFlags.None : StepFlags.Tolerated,
        });
    }

    private static void Attribute(PlanWriter plan, int proc, string path, string value, string label) =>
        plan.Child(new(StepKind.WriteProc, label) { Base = proc, Text = path, Blob = Encoding.UTF8.GetBytes(value) });

    private static string PathOf(string name)
    {
        int separator = name.AsSpan().IndexOfAny('.', '/');
        if (separator < 0 || name[separator] == '/')
            return name;
        return string.Create(name.Length, name, static (path, source) =>
        {
            for (int i = 0; i < source.Length; i++)
                path[i] = source[i] switch { '.' => '/', '/' => '.', char other => other };
        });
    }
}
