namespace CriRuntime.Oci.Specs.Reading;

/// <summary>Objects of config-linux.md, Control groups.</summary>
internal ref partial struct SpecReader
{
    internal LinuxResources? ReadLinuxResources()
    {
        if (!IsObject())
            return null;
        LinuxResources value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "devices" => value with { Devices = List(static (ref SpecReader r) => r.ReadDeviceRule()!)! },
                "memory" => value with { Memory = ReadMemoryResources() },
                "cpu" => value with { Cpu = ReadCpuResources() },
                "pids" => value with { Pids = ReadPidsResources() },
                "blockIO" => value with { BlockIo = ReadBlockIoResources() },
                "hugepageLimits" => value with { HugepageLimits = List(static (ref SpecReader r) => r.ReadHugepageLimit()!)! },
                "network" => value with { Network = ReadNetworkResources() },
                "rdma" => value with { Rdma = Map(static (ref SpecReader r) => r.ReadRdmaLimit()!)! },
                "unified" => value with { Unified = StringMap()! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private DeviceRule? ReadDeviceRule()
    {
        if (!IsObject())
            return null;
        DeviceRule value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "allow" => value with { Allow = Bool() },
                "type" => value with { Type = String() },
                "major" => value with { Major = OptionalLong() },
                "minor" => value with { Minor = OptionalLong() },
                "access" => value with { Access = String() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private MemoryResources? ReadMemoryResources()
    {
        if (!IsObject())
            return null;
        MemoryResources value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "limit" => value with { Limit = OptionalLong() },
                "reservation" => value with { Reservation = OptionalLong() },
                "swap" => value with { Swap = OptionalLong() },
                "kernel" => value with { Kernel = OptionalLong() },
                "kernelTCP" => value with { KernelTcp = OptionalLong() },
                "swappiness" => value with { Swappiness = OptionalULong() },
                "disableOOMKiller" => value with { DisableOomKiller = OptionalBool() },
                "useHierarchy" => value with { UseHierarchy = OptionalBool() },
                "checkBeforeUpdate" => value with { CheckBeforeUpdate = OptionalBool() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private CpuResources? ReadCpuResources()
    {
        if (!IsObject())
            return null;
        CpuResources value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "shares" => value with { Shares = OptionalULong() },
                "quota" => value with { Quota = OptionalLong() },
                "burst" => value with { Burst = OptionalULong() },
                "period" => value with { Period = OptionalULong() },
                "realtimeRuntime" => value with { RealtimeRuntime = OptionalLong() },
                "realtimePeriod" => value with { RealtimePeriod = OptionalULong() },
                "cpus" => value with { Cpus = String() },
                "mems" => value with { Mems = String() },
                "idle" => value with { Idle = OptionalLong() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private PidsResources? ReadPidsResources()
    {
        if (!IsObject())
            return null;
        PidsResources value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "limit" => value with { Limit = OptionalLong() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private BlockIoResources? ReadBlockIoResources()
    {
        if (!IsObject())
            return null;
        BlockIoResources value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "weight" => value with { Weight = OptionalUShort() },
                "leafWeight" => value with { LeafWeight = OptionalUShort() },
                "weightDevice" => value with { WeightDevice = List(static (ref SpecReader r) => r.ReadWeightDevice()!)! },
                "throttleReadBpsDevice" => value with { ThrottleReadBpsDevice = List(static (ref SpecReader r) => r.ReadThrottleDevice()!)! },
                "throttleWriteBpsDevice" => value with { ThrottleWriteBpsDevice = List(static (ref SpecReader r) => r.ReadThrottleDevice()!)! },
                "throttleReadIOPSDevice" => value with { ThrottleReadIopsDevice = List(static (ref SpecReader r) => r.ReadThrottleDevice()!)! },
                "throttleWriteIOPSDevice" => value with { ThrottleWriteIopsDevice = List(static (ref SpecReader r) => r.ReadThrottleDevice()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private WeightDevice? ReadWeightDevice()
    {
        if (!IsObject())
            return null;
        WeightDevice value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "major" => value with { Major = json.GetInt64() },
                "minor" => value with { Minor = json.GetInt64() },
                "weight" => value with { Weight = OptionalUShort() },
                "leafWeight" => value with { LeafWeight = OptionalUShort() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private ThrottleDevice? ReadThrottleDevice()
    {
        if (!IsObject())
            return null;
        ThrottleDevice value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "major" => value with { Major = json.GetInt64() },
                "minor" => value with { Minor = json.GetInt64() },
                "rate" => value with { Rate = json.GetUInt64() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private HugepageLimit? ReadHugepageLimit()
    {
        if (!IsObject())
            return null;
        HugepageLimit value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "pageSize" => value with { PageSize = String()! },
                "limit" => value with { Limit = json.GetUInt64() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private NetworkResources? ReadNetworkResources()
    {
        if (!IsObject())
            return null;
        NetworkResources value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "classID" => value with { ClassId = OptionalUInt() },
                "priorities" => value with { Priorities = List(static (ref SpecReader r) => r.ReadInterfacePriority()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private InterfacePriority? ReadInterfacePriority()
    {
        if (!IsObject())
            return null;
        InterfacePriority value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "name" => value with { Name = String()! },
                "priority" => value with { Priority = json.GetUInt32() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private RdmaLimit? ReadRdmaLimit()
    {
        if (!IsObject())
            return null;
        RdmaLimit value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "hcaHandles" => value with { HcaHandles = OptionalUInt() },
                "hcaObjects" => value with { HcaObjects = OptionalUInt() },
                _ => Skip(value),
            };
        }
        return value;
    }
}
