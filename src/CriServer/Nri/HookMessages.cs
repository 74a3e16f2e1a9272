using CriRuntime.Oci.Specs;
using Google.Protobuf.Collections;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>OCI hooks, both ways.</summary>
public static class HookMessages
{
    public static Api.Hooks Describe(Hooks hooks)
    {
        Api.Hooks message = new();
        Describe(hooks.Prestart, message.Prestart);
        Describe(hooks.CreateRuntime, message.CreateRuntime);
        Describe(hooks.CreateContainer, message.CreateContainer);
        Describe(hooks.StartContainer, message.StartContainer);
        Describe(hooks.Poststart, message.Poststart);
        Describe(hooks.Poststop, message.Poststop);
        return message;
    }

    /// <summary>The hooks with those of plugins behind them.</summary>
    public static Hooks Append(Hooks hooks, Api.Hooks added) => new()
    {
        Prestart = Append(hooks.Prestart, added.Prestart),
        CreateRuntime = Append(hooks.CreateRuntime, added.CreateRuntime),
        CreateContainer = Append(hooks.CreateContainer, added.CreateContainer),
        StartContainer = Append(hooks.StartContainer, added.StartContainer),
        Poststart = Append(hooks.Poststart, added.Poststart),
        Poststop = Append(hooks.Poststop, added.Poststop),
    };

    private static void Describe(IReadOnlyList<Hook> hooks, RepeatedField<Api.Hook> message)
    {
        foreach (Hook hook in hooks)
        {
            Api.Hook added = new() { Path = hook.Path, Timeout = hook.Timeout is { } seconds ? new Api.OptionalInt { Value = seconds } : null };
            added.Args.Add(hook.Args);
            added.Env.Add(hook.Env);
            message.Add(added);
        }
    }

    private static IReadOnlyList<Hook> Append(IReadOnlyList<Hook> hooks, RepeatedField<Api.Hook> added) =>
        added.Count == 0 ? hooks : [.. hooks, .. added.Select(Read)];

    private static Hook Read(Api.Hook hook) => new()
    {
        Path = hook.Path,
        Args = [.. hook.Args],
        Env = [.. hook.Env],
        Timeout = hook.Timeout is { } timeout ? (int)Math.Clamp(timeout.Value, 0, 3600) : null,
    };
}
