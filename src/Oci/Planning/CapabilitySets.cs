using System.Buffers.Binary;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>The five capability sets of a process (capabilities(7)), as far as this host can give them.</summary>
internal sealed class CapabilitySets
{
    private readonly PlanWriter plan;
    private readonly int last;
    private readonly ulong bounding;
    private readonly ulong effective;
    private readonly ulong permitted;
    private readonly ulong inheritable;
    private readonly ulong ambient;

    private CapabilitySets(PlanWriter plan, LinuxCapabilities wanted, ulong available, int last, SortedSet<string> missing)
    {
        this.plan = plan;
        this.last = last;
        bounding = Capabilities.Mask(wanted.Bounding, available, missing);
        permitted = Capabilities.Mask(wanted.Permitted, available, missing);
        effective = Capabilities.Mask(wanted.Effective, available, missing) & permitted;
        inheritable = Capabilities.Mask(wanted.Inheritable, available, missing);
        ambient = Capabilities.Mask(wanted.Ambient, available, missing) & permitted & inheritable;
    }

    /// <summary>Without a capabilities object the process has none.</summary>
    internal static CapabilitySets Plan(PlanWriter plan, LinuxCapabilities? wanted, ulong available, int last)
    {
        SortedSet<string> missing = new(StringComparer.Ordinal);
        ulong known = last >= 63 ? ulong.MaxValue : (1UL << (last + 1)) - 1;
        CapabilitySets sets = new(plan, wanted ?? new LinuxCapabilities(), available & known, last, missing);
        if (missing.Count > 0)
            plan.Warn($"capabilities that this host cannot give are left out: {string.Join(", ", missing)}");
        return sets;
    }

    internal void LimitBounding() =>
        plan.Child(new(StepKind.LimitBoundingSet, "limit the capability bounding set") { Value = bounding, Number = last });

    internal void Apply()
    {
        byte[] blob = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(blob, inheritable);
        plan.Child(new(StepKind.SetCapabilities, "set capabilities") { Value = effective, Value2 = permitted, Blob = blob });
        plan.Child(new(StepKind.SetAmbientSet, "set ambient capabilities") { Value = ambient, Number = last });
    }
}
