namespace CriRuntime.Oci.Specs.Reading;

/// <summary>Objects of config.md, Process.</summary>
internal ref partial struct SpecReader
{
    internal Process? ReadProcess()
    {
        if (!IsObject())
            return null;
        Process value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "terminal" => value with { Terminal = Bool() },
                "consoleSize" => value with { ConsoleSize = ReadConsoleSize() },
                "user" => value with { User = ReadUser()! },
                "args" => value with { Args = Strings()! },
                "env" => value with { Env = Strings()! },
                "cwd" => value with { Cwd = String()! },
                "capabilities" => value with { Capabilities = ReadLinuxCapabilities() },
                "rlimits" => value with { Rlimits = List(static (ref SpecReader r) => r.ReadRlimit()!)! },
                "noNewPrivileges" => value with { NoNewPrivileges = Bool() },
                "apparmorProfile" => value with { ApparmorProfile = String() },
                "selinuxLabel" => value with { SelinuxLabel = String() },
                "oomScoreAdj" => value with { OomScoreAdj = OptionalInt() },
                "scheduler" => value with { Scheduler = ReadScheduler() },
                "ioPriority" => value with { IoPriority = ReadIoPriority() },
                "execCPUAffinity" => value with { ExecCpuAffinity = ReadCpuAffinity() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private ConsoleSize? ReadConsoleSize()
    {
        if (!IsObject())
            return null;
        ConsoleSize value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "height" => value with { Height = json.GetUInt32() },
                "width" => value with { Width = json.GetUInt32() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private User? ReadUser()
    {
        if (!IsObject())
            return null;
        User value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "uid" => value with { Uid = json.GetUInt32() },
                "gid" => value with { Gid = json.GetUInt32() },
                "umask" => value with { Umask = OptionalUInt() },
                "additionalGids" => value with { AdditionalGids = List(static (ref SpecReader r) => r.json.GetUInt32())! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private LinuxCapabilities? ReadLinuxCapabilities()
    {
        if (!IsObject())
            return null;
        LinuxCapabilities value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "bounding" => value with { Bounding = Strings()! },
                "effective" => value with { Effective = Strings()! },
                "inheritable" => value with { Inheritable = Strings()! },
                "permitted" => value with { Permitted = Strings()! },
                "ambient" => value with { Ambient = Strings()! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private Rlimit? ReadRlimit()
    {
        if (!IsObject())
            return null;
        Rlimit value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "type" => value with { Type = String()! },
                "soft" => value with { Soft = json.GetUInt64() },
                "hard" => value with { Hard = json.GetUInt64() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private Scheduler? ReadScheduler()
    {
        if (!IsObject())
            return null;
        Scheduler value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "policy" => value with { Policy = String()! },
                "nice" => value with { Nice = OptionalInt() },
                "priority" => value with { Priority = OptionalInt() },
                "flags" => value with { Flags = Strings()! },
                "runtime" => value with { Runtime = OptionalULong() },
                "deadline" => value with { Deadline = OptionalULong() },
                "period" => value with { Period = OptionalULong() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private IoPriority? ReadIoPriority()
    {
        if (!IsObject())
            return null;
        IoPriority value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "class" => value with { Class = String()! },
                "priority" => value with { Priority = json.GetInt32() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private CpuAffinity? ReadCpuAffinity()
    {
        if (!IsObject())
            return null;
        CpuAffinity value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "initial" => value with { Initial = String() },
                "final" => value with { Final = String() },
                _ => Skip(value),
            };
        }
        return value;
    }
}
