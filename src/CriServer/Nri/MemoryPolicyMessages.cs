using System.Globalization;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>Memory policies. The interface numbers what the OCI runtime specification names.</summary>
internal static class MemoryPolicyMessages
{
    internal static MemoryPolicy Read(Api.LinuxMemoryPolicy message)
    {
        List<string> flags = [];
        foreach (Api.MpolFlag flag in message.Flags)
            flags.Add(Name(flag));
        return new MemoryPolicy { Mode = Name(message.Mode), Nodes = message.Nodes.Length > 0 ? message.Nodes : null, Flags = flags };
    }

    /// <summary>What nobody has named yet keeps its number, and the planner refuses it.</summary>
    private static string Name(Api.MpolMode mode) => mode switch
    {
        Api.MpolMode.MpolDefault => "MPOL_DEFAULT",
        Api.MpolMode.MpolPreferred => "MPOL_PREFERRED",
        Api.MpolMode.MpolBind => "MPOL_BIND",
        Api.MpolMode.MpolInterleave => "MPOL_INTERLEAVE",
        Api.MpolMode.MpolLocal => "MPOL_LOCAL",
        Api.MpolMode.MpolPreferredMany => "MPOL_PREFERRED_MANY",
        Api.MpolMode.MpolWeightedInterleave => "MPOL_WEIGHTED_INTERLEAVE",
        _ => ((int)mode).ToString(CultureInfo.InvariantCulture),
    };

    private static string Name(Api.MpolFlag flag) => flag switch
    {
        Api.MpolFlag.MpolFStaticNodes => "MPOL_F_STATIC_NODES",
        Api.MpolFlag.MpolFRelativeNodes => "MPOL_F_RELATIVE_NODES",
        Api.MpolFlag.MpolFNumaBalancing => "MPOL_F_NUMA_BALANCING",
        _ => ((int)flag).ToString(CultureInfo.InvariantCulture),
    };
}
