using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>Seccomp policies, both ways.</summary>
public static class SeccompMessages
{
    public static Api.LinuxSeccomp Describe(Seccomp policy)
    {
        Api.LinuxSeccomp message = new()
        {
            DefaultAction = policy.DefaultAction,
            DefaultErrno = Optional(policy.DefaultErrnoRet),
            ListenerPath = policy.ListenerPath ?? "",
            ListenerMetadata = policy.ListenerMetadata ?? "",
        };
        message.Architectures.Add(policy.Architectures);
        message.Flags.Add(policy.Flags);
        foreach (SeccompSyscall rule in policy.Syscalls)
        {
            Api.LinuxSyscall added = new() { Action = rule.Action, ErrnoRet = Optional(rule.ErrnoRet) };
            added.Names.Add(rule.Names);
            foreach (SeccompArgument argument in rule.Args)
                added.Args.Add(new Api.LinuxSeccompArg { Index = argument.Index, Value = argument.Value, ValueTwo = argument.ValueTwo, Op = argument.Op });
            message.Syscalls.Add(added);
        }

        return message;
    }

    public static Seccomp Read(Api.LinuxSeccomp message) => new()
    {
        DefaultAction = message.DefaultAction,
        DefaultErrnoRet = message.DefaultErrno?.Value,
        Architectures = [.. message.Architectures],
        Flags = [.. message.Flags],
        ListenerPath = message.ListenerPath.Length > 0 ? message.ListenerPath : null,
        ListenerMetadata = message.ListenerMetadata.Length > 0 ? message.ListenerMetadata : null,
        Syscalls = [.. message.Syscalls.Select(Read)],
    };

    private static SeccompSyscall Read(Api.LinuxSyscall rule)
    {
        List<SeccompArgument> arguments = [];
        foreach (Api.LinuxSeccompArg argument in rule.Args)
            arguments.Add(new SeccompArgument { Index = argument.Index, Value = argument.Value, ValueTwo = argument.ValueTwo, Op = argument.Op });
        return new SeccompSyscall { Names = [.. rule.Names], Action = rule.Action, ErrnoRet = rule.ErrnoRet?.Value, Args = arguments };
    }

    private static Api.OptionalUInt32? Optional(uint? value) => value is { } number ? new Api.OptionalUInt32 { Value = number } : null;
}
