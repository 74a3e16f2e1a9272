namespace CriRuntime.Oci.Specs.Reading;

/// <summary>Objects of config-linux.md, Seccomp.</summary>
internal ref partial struct SpecReader
{
    internal Seccomp? ReadSeccomp()
    {
        if (!IsObject())
            return null;
        Seccomp value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "defaultAction" => value with { DefaultAction = String()! },
                "defaultErrnoRet" => value with { DefaultErrnoRet = OptionalUInt() },
                "architectures" => value with { Architectures = Strings()! },
                "flags" => value with { Flags = Strings()! },
                "listenerPath" => value with { ListenerPath = String() },
                "listenerMetadata" => value with { ListenerMetadata = String() },
                "syscalls" => value with { Syscalls = List(static (ref SpecReader r) => r.ReadSeccompSyscall()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private SeccompSyscall? ReadSeccompSyscall()
    {
        if (!IsObject())
            return null;
        SeccompSyscall value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "names" => value with { Names = Strings()! },
                "action" => value with { Action = String()! },
                "errnoRet" => value with { ErrnoRet = OptionalUInt() },
                "args" => value with { Args = List(static (ref SpecReader r) => r.ReadSeccompArgument()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private SeccompArgument? ReadSeccompArgument()
    {
        if (!IsObject())
            return null;
        SeccompArgument value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "index" => value with { Index = json.GetUInt32() },
                "value" => value with { Value = json.GetUInt64() },
                "valueTwo" => value with { ValueTwo = json.GetUInt64() },
                "op" => value with { Op = String()! },
                _ => Skip(value),
            };
        }
        return value;
    }
}
