using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>I/O priorities and scheduling attributes, both ways. The interface numbers what the OCI runtime specification names.</summary>
public static class SchedulingMessages
{
    private static readonly string[] s_classes = ["", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"];

    private static readonly string[] s_policies =
        ["", "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];

    private static readonly string[] s_flags =
    [
        "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS",
        "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
    ];

    public static Api.LinuxIOPriority Describe(IoPriority priority) =>
        new() { Class = (Api.IOPrioClass)Number(s_classes, priority.Class), Priority = priority.Priority };

    /// <returns>Null for the class that stands for none.</returns>
    public static IoPriority? Read(Api.LinuxIOPriority message) =>
        Name(s_classes, (int)message.Class) is { Length: > 0 } name ? new IoPriority { Class = name, Priority = message.Priority } : null;

    public static Api.LinuxScheduler Describe(Scheduler scheduler)
    {
        Api.LinuxScheduler message = new()
        {
            Policy = (Api.LinuxSchedulerPolicy)Number(s_policies, scheduler.Policy),
            Nice = scheduler.Nice ?? 0,
            Priority = scheduler.Priority ?? 0,
            Runtime = scheduler.Runtime ?? 0,
            Deadline = scheduler.Deadline ?? 0,
            Period = scheduler.Period ?? 0,
        };
        foreach (string flag in scheduler.Flags)
            message.Flags.Add((Api.LinuxSchedulerFlag)Number(s_flags, flag));
        return message;
    }

    /// <returns>Null for the policy that stands for none.</returns>
    public static Scheduler? Read(Api.LinuxScheduler message)
    {
        if (Name(s_policies, (int)message.Policy) is not { Length: > 0 } policy)
            return null;
        List<string> flags = [];
        foreach (Api.LinuxSchedulerFlag flag in message.Flags)
            flags.Add(Name(s_flags, (int)flag));
        return new Scheduler
        {
            Policy = policy,
            Flags = flags,
            Nice = message.Nice == 0 ? null : message.Nice,
            Priority = message.Priority == 0 ? null : message.Priority,
            Runtime = message.Runtime == 0 ? null : message.Runtime,
            Deadline = message.Deadline == 0 ? null : message.Deadline,
            Period = message.Period == 0 ? null : message.Period,
        };
    }

    private static int Number(string[] names, string name) => Math.Max(0, Array.IndexOf(names, name));

    /// <summary>What nobody has named yet keeps its number, and the planner refuses it.</summary>
    private static string Name(string[] names, int number) =>
        number >= 0 && number < names.Length ? names[number] : number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
