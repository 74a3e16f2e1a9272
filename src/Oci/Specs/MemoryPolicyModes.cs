namespace CriRuntime.Oci.Specs;

/// <summary>Modes and flags of set_mempolicy(2) by their names in the specification (linux/mempolicy.h).</summary>
internal static class MemoryPolicyModes
{
    private const int StaticNodes = 1 << 15;
    private const int RelativeNodes = 1 << 14;
    private const string Field = "linux.memoryPolicy";

    /// <summary>The first argument of set_mempolicy(2).</summary>
    /// <exception cref="SpecException">An unknown name, or a combination that has no meaning.</exception>
    internal static int NumberOf(MemoryPolicy policy)
    {
        int mode = ModeOf(policy.Mode);
        int flags = 0;
        foreach (string flag in policy.Flags)
            flags |= FlagOf(flag);
        if ((flags & StaticNodes) != 0 && (flags & RelativeNodes) != 0)
            throw new SpecException($"{Field}.flags", "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude one another");
        CheckNodes(policy);
        return mode | flags;
    }

    private static void CheckNodes(MemoryPolicy policy)
    {
        bool given = !string.IsNullOrWhiteSpace(policy.Nodes);
        bool takesNone = policy.Mode is "MPOL_DEFAULT" or "MPOL_LOCAL";
        if (given && takesNone)
            throw new SpecException($"{Field}.nodes", $"{policy.Mode} takes no nodes");
        if (!given && !takesNone && policy.Mode != "MPOL_PREFERRED")
            throw new SpecException($"{Field}.nodes", $"{policy.Mode} needs nodes");
    }

    private static int ModeOf(string mode) => mode switch
    {
        "MPOL_DEFAULT" => 0,
        "MPOL_PREFERRED" => 1,
        "MPOL_BIND" => 2,
        "MPOL_INTERLEAVE" => 3,
        "MPOL_LOCAL" => 4,
        "MPOL_PREFERRED_MANY" => 5,
        "MPOL_WEIGHTED_INTERLEAVE" => 6,
        _ => throw new SpecException($"{Field}.mode", $"\"{mode}\" is not a memory policy"),
    };

    private static int FlagOf(string flag) => flag switch
    {
        "MPOL_F_STATIC_NODES" => StaticNodes,
        "MPOL_F_RELATIVE_NODES" => RelativeNodes,
        "MPOL_F_NUMA_BALANCING" => 1 << 13,
        _ => throw new SpecException($"{Field}.flags", $"\"{flag}\" is not a flag of memory policies"),
    };
}
