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
            NewUser = options.UsernsOptions is { Mode: Cri.NamespaceMode.Pod },
        };

    public static Cri.NamespaceOption ToCri(this NamespaceOptions options) => new()
    {
        Network = (Cri.NamespaceMode)options.Network,
        Pid = (Cri.NamespaceMode)options.Pid,
        Ipc = (Cri.NamespaceMode)options.Ipc,
        TargetId = options.TargetId,
    };
}
