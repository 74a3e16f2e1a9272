namespace CriRuntime.Oci.Specs.Reading;

/// <summary>Objects of config.md.</summary>
internal ref partial struct SpecReader
{
    internal Spec? ReadSpec()
    {
        if (!IsObject())
            return null;
        Spec value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "ociVersion" => value with { OciVersion = String() },
                "process" => value with { Process = ReadProcess() },
                "root" => value with { Root = ReadRoot() },
                "hostname" => value with { Hostname = String() },
                "domainname" => value with { Domainname = String() },
                "mounts" => value with { Mounts = List(static (ref SpecReader r) => r.ReadMount()!)! },
                "hooks" => value with { Hooks = ReadHooks() },
                "annotations" => value with { Annotations = StringMap()! },
                "linux" => value with { Linux = ReadLinuxSection() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private Root? ReadRoot()
    {
        if (!IsObject())
            return null;
        Root value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "path" => value with { Path = String()! },
                "readonly" => value with { ReadOnly = Bool() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private Mount? ReadMount()
    {
        if (!IsObject())
            return null;
        Mount value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "destination" => value with { Destination = String()! },
                "type" => value with { Type = String() },
                "source" => value with { Source = String() },
                "options" => value with { Options = Strings()! },
                "uidMappings" => value with { UidMappings = List(static (ref SpecReader r) => r.ReadIdMapping()!)! },
                "gidMappings" => value with { GidMappings = List(static (ref SpecReader r) => r.ReadIdMapping()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private IdMapping? ReadIdMapping()
    {
        if (!IsObject())
            return null;
        IdMapping value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "containerID" => value with { ContainerId = json.GetUInt32() },
                "hostID" => value with { HostId = json.GetUInt32() },
                "size" => value with { Size = json.GetUInt32() },
                _ => Skip(value),
            };
        }
        return value;
    }

    private Hooks? ReadHooks()
    {
        if (!IsObject())
            return null;
        Hooks value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "prestart" => value with { Prestart = List(static (ref SpecReader r) => r.ReadHook()!)! },
                "createRuntime" => value with { CreateRuntime = List(static (ref SpecReader r) => r.ReadHook()!)! },
                "createContainer" => value with { CreateContainer = List(static (ref SpecReader r) => r.ReadHook()!)! },
                "startContainer" => value with { StartContainer = List(static (ref SpecReader r) => r.ReadHook()!)! },
                "poststart" => value with { Poststart = List(static (ref SpecReader r) => r.ReadHook()!)! },
                "poststop" => value with { Poststop = List(static (ref SpecReader r) => r.ReadHook()!)! },
                _ => Skip(value),
            };
        }
        return value;
    }

    private Hook? ReadHook()
    {
        if (!IsObject())
            return null;
        Hook value = new();
        while (Next(out string name))
        {
            value = name switch
            {
                "path" => value with { Path = String()! },
                "args" => value with { Args = Strings()! },
                "env" => value with { Env = Strings()! },
                "timeout" => value with { Timeout = OptionalInt() },
                _ => Skip(value),
            };
        }
        return value;
    }
}
