namespace CriRuntime.Oci.Specs.Reading;

/// <summary>Objects of config-linux.md.</summary>
internal ref partial struct SpecReader
{
    private LinuxSection? ReadLinuxSection()
    {
        if (!IsObject())
            return null;
        LinuxSection value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "uidMappings" => value with { UidMappings = List(static (ref SpecReader r) => r.ReadIdMapping()!)! },
                "gidMappings" => value with { GidMappings = List(static (ref SpecReader r) => r.ReadIdMapping()!)! },
                "sysctl" => value with { Sysctl = StringMap()! },
                "resources" => value with { Resources = ReadLinuxResources() },
                "cgroupsPath" => value with { CgroupsPath = String() },
                "namespaces" => value with { Namespaces = List(static (ref SpecReader r) => r.ReadLinuxNamespace()!)! },
                "devices" => value with { Devices = List(static (ref SpecReader r) => r.ReadLinuxDevice()!)! },
                "netDevices" => value with { NetDevices = Map(static (ref SpecReader r) => r.ReadLinuxNetDevice()!)! },
                "seccomp" => value with { Seccomp = ReadSeccomp() },
                "rootfsPropagation" => value with { RootfsPropagation = String() },
                "maskedPaths" => value with { MaskedPaths = Strings()! },
                "readonlyPaths" => value with { ReadonlyPaths = Strings()! },
                "mountLabel" => value with { MountLabel = String() },
                "intelRdt" => value with { IntelRdt = ReadIntelRdt() },
                "personality" => value with { Personality = ReadLinuxPersonality() },
                "memoryPolicy" => value with { MemoryPolicy = ReadMemoryPolicy() },
                "timeOffsets" => value with { TimeOffsets = Map(static (ref SpecReader r) => r.ReadLinuxTimeOffset()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private LinuxNamespace? ReadLinuxNamespace()
    {
        if (!IsObject())
            return null;
        LinuxNamespace value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "type" => value with { Type = String()! },
                "path" => value with { Path = String() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private LinuxDevice? ReadLinuxDevice()
    {
        if (!IsObject())
            return null;
        LinuxDevice value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "type" => value with { Type = String()! },
                "path" => value with { Path = String()! },
                "major" => value with { Major = json.GetInt64() },
                "minor" => value with { Minor = json.GetInt64() },
                "fileMode" => value with { FileMode = OptionalUInt() },
                "uid" => value with { Uid = OptionalUInt() },
                "gid" => value with { Gid = OptionalUInt() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private LinuxNetDevice? ReadLinuxNetDevice()
    {
        if (!IsObject())
            return null;
        LinuxNetDevice value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "name" => value with { Name = String() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private LinuxTimeOffset? ReadLinuxTimeOffset()
    {
        if (!IsObject())
            return null;
        LinuxTimeOffset value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "secs" => value with { Secs = json.GetInt64() },
                "nanosecs" => value with { Nanosecs = json.GetUInt32() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private LinuxPersonality? ReadLinuxPersonality()
    {
        if (!IsObject())
            return null;
        LinuxPersonality value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "domain" => value with { Domain = String()! },
                "flags" => value with { Flags = Strings()! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private MemoryPolicy? ReadMemoryPolicy()
    {
        if (!IsObject())
            return null;
        MemoryPolicy value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "mode" => value with { Mode = String()! },
                "nodes" => value with { Nodes = String() },
                "flags" => value with { Flags = Strings()! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private IntelRdt? ReadIntelRdt()
    {
        if (!IsObject())
            return null;
        IntelRdt value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "closID" => value with { ClosId = String() },
                "schemata" => value with { Schemata = Strings()! },
                "l3CacheSchema" => value with { L3CacheSchema = String() },
                "memBwSchema" => value with { MemBwSchema = String() },
                "enableCMT" => value with { EnableCmt = Bool() },
                "enableMBM" => value with { EnableMbm = Bool() },
                "enableMonitoring" => value with { EnableMonitoring = Bool() },
                _ => Skip(value),
            };
        }
        return value;
    }
}
