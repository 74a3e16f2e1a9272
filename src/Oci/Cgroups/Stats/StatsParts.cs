namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>Which figures to read: each costs a file or several.</summary>
[Flags]
public enum StatsParts
{
    None = 0,
    Cpu = 1,
    Memory = 2,
    Pids = 4,
    Io = 8,
    Pressure = 16,

    /// <summary>Throttling on v1, where it is a file of its own; v2 has it with the rest.</summary>
    Throttling = 32,

    /// <summary><see cref="MemoryStats.Detail"/>: two to four files more.</summary>
    MemoryDetail = 64,

    /// <summary>Traffic by block device.</summary>
    IoDevices = 128,

    Hugetlb = 256,

    /// <summary>What the CRI's container statistics need.</summary>
    Container = Cpu | Memory | Pressure,

    /// <summary>What those of a pod sandbox need.</summary>
    Pod = Container | Pids,
    All = Container | Pids | Io | Throttling | MemoryDetail | IoDevices | Hugetlb,
}
