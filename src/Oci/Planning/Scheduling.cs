using System.Buffers.Binary;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>How the kernel treats a process: scheduler (sched_setattr(2)), I/O priority (ioprio_set(2)), personality and memory policy.</summary>
internal static class Scheduling
{
    private const int SizeOfAttributes = 48;

    internal static void Add(PlanWriter plan, Process process)
    {
        if (process.Scheduler is { } scheduler)
            plan.Child(new(StepKind.SetScheduler, $"set the scheduler {scheduler.Policy}") { Blob = Attributes(scheduler) });
        if (process.IoPriority is { } io)
            plan.Child(new(StepKind.SetIoPriority, $"set the I/O priority {io.Class}") { Number = (ClassOf(io.Class) << 13) | io.Priority });
    }

    internal static void AddPersonality(PlanWriter plan, LinuxPersonality? personality)
    {
        if (personality is not null)
            plan.Child(new(StepKind.SetPersonality, $"set the personality {personality.Domain}") { Value = personality.Domain == "LINUX32" ? 8UL : 0 });
    }

    /// <summary>linux.memoryPolicy (set_mempolicy(2)), which what the process executes and starts has, too.</summary>
    internal static void AddMemoryPolicy(PlanWriter plan, MemoryPolicy? policy)
    {
        if (policy is null)
            return;
        string nodes = string.IsNullOrWhiteSpace(policy.Nodes) ? "" : $" of the nodes {policy.Nodes}";
        plan.Child(new(StepKind.SetMemoryPolicy, $"set the memory policy {policy.Mode}{nodes}")
        {
            Number = MemoryPolicyModes.NumberOf(policy),
            Blob = NodeMask.Parse(policy.Nodes, "linux.memoryPolicy.nodes"),
        });
    }

    private static byte[] Attributes(Scheduler scheduler)
    {
        ulong flags = 0;
        foreach (string flag in scheduler.Flags)
            flags |= FlagOf(flag);
        byte[] blob = new byte[SizeOfAttributes];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, SizeOfAttributes);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(4), PolicyOf(scheduler.Policy));
        BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(8), flags);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(16), scheduler.Nice ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(20), scheduler.Priority ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(24), scheduler.Runtime ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(32), scheduler.Deadline ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(40), scheduler.Period ?? 0);
        return blob;
    }

    private static uint PolicyOf(string policy) => policy switch
    {
        "SCHED_OTHER" => 0,
        "SCHED_FIFO" => 1,
        "SCHED_RR" => 2,
        "SCHED_BATCH" => 3,
        "SCHED_ISO" => 4,
        "SCHED_IDLE" => 5,
        "SCHED_DEADLINE" => 6,
        _ => throw new SpecException("process.scheduler.policy", $"\"{policy}\" is not a scheduling policy"),
    };

    private static ulong FlagOf(string flag) => flag switch
    {
        "SCHED_FLAG_RESET_ON_FORK" => 0x01,
        "SCHED_FLAG_RECLAIM" => 0x02,
        "SCHED_FLAG_DL_OVERRUN" => 0x04,
        "SCHED_FLAG_KEEP_POLICY" => 0x08,
        "SCHED_FLAG_KEEP_PARAMS" => 0x10,
        "SCHED_FLAG_UTIL_CLAMP_MIN" => 0x20,
        "SCHED_FLAG_UTIL_CLAMP_MAX" => 0x40,
        _ => throw new SpecException("process.scheduler.flags", $"\"{flag}\" is not a scheduling flag"),
    };

    private static int ClassOf(string name) => name switch
    {
        "IOPRIO_CLASS_RT" => 1,
        "IOPRIO_CLASS_BE" => 2,
        "IOPRIO_CLASS_IDLE" => 3,
        _ => throw new SpecException("process.ioPriority.class", $"\"{name}\" is not an I/O priority class"),
    };
}
