using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Plugins;

/// <summary>Subscriptions, and the methods that deliver them.</summary>
internal static class PluginEvents
{
    internal const int All = (1 << (int)Event.ValidateContainerAdjustment) - 1;

    /// <exception cref="NriException">Bits that no event has.</exception>
    internal static int Check(int mask) =>
        (mask & ~All) == 0 ? mask == 0 ? All : mask : throw new NriException($"it subscribes to events that do not exist (mask 0x{mask:x})");

    internal static bool Contains(int mask, Event happening) => (mask & (1 << ((int)happening - 1))) != 0;

    /// <summary>Before NRI 0.10 these came by StateChange, and plugins of that time have nothing else.</summary>
    internal static bool HasStateChange(Event happening) =>
        happening is not (Event.CreateContainer or Event.UpdateContainer or Event.StopContainer or Event.UpdatePodSandbox or Event.ValidateContainerAdjustment);

    internal static string Method(Event happening) => happening switch
    {
        Event.RunPodSandbox => "RunPodSandbox",
        Event.StopPodSandbox => "StopPodSandbox",
        Event.RemovePodSandbox => "RemovePodSandbox",
        Event.CreateContainer => "CreateContainer",
        Event.PostCreateContainer => "PostCreateContainer",
        Event.StartContainer => "StartContainer",
        Event.PostStartContainer => "PostStartContainer",
        Event.UpdateContainer => "UpdateContainer",
        Event.PostUpdateContainer => "PostUpdateContainer",
        Event.StopContainer => "StopContainer",
        Event.RemoveContainer => "RemoveContainer",
        Event.UpdatePodSandbox => "UpdatePodSandbox",
        Event.PostUpdatePodSandbox => "PostUpdatePodSandbox",
        Event.ValidateContainerAdjustment => "ValidateContainerAdjustment",
        _ => throw new ArgumentOutOfRangeException(nameof(happening), happening, "no method delivers it"),
    };
}
