using CriRuntime.CriServer.Sandboxes;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>NamespaceOption, both ways. The enumerations have the same numbers.</summary>
internal static class NamespaceTranslation
{
    /// <summary>No options at all mean the zero of each mode, POD.</summary>
    public static NamespaceOptions ToDomain(this Cri.NamespaceOption? options) => options is null
        ? new NamespaceOptions { Pid = NamespaceMode.Pod }
        : new NamespaceOptions
        {
            Network = (NamespaceMode)options.Network,
            Pid = (NamespaceMode)options.Pid,
            Ipc = (NamespaceMode)options.Ipc,
            TargetId = options.TargetId,
            UserNamespace = options.UsernsOptions is { } user ? new UserNamespaceOptions((NamespaceMode)user.Mode, user.Uids.ToRanges(), user.Gids.ToRanges()) : null,
        };

    public static Cri.NamespaceOption ToCri(this NamespaceOptions options) => new()
    {
        Network = (Cri.NamespaceMode)options.Network,
        Pid = (Cri.NamespaceMode)options.Pid,
        Ipc = (Cri.NamespaceMode)options.Ipc,
        TargetId = options.TargetId,
        UsernsOptions = options.UserNamespace is { } user
            ? new Cri.UserNamespace { Mode = (Cri.NamespaceMode)user.Mode, Uids = { user.Uids.Select(ToCri) }, Gids = { user.Gids.Select(ToCri) } }
            : null,
    };

    public static IReadOnlyList<IdRange> ToRanges(this IReadOnlyCollection<Cri.IDMapping> mappings) =>
        [.. mappings.Select(m => new IdRange(m.ContainerId, m.HostId, m.Length))];

    private static Cri.IDMapping ToCri(IdRange range) => new() { ContainerId = range.ContainerId, HostId = range.HostId, Length = range.Length };
}
