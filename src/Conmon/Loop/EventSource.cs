using CriRuntime.Linux;

namespace CriRuntime.Conmon.Loop;

/// <summary>A descriptor that the loop watches, and what to do when it is ready.</summary>
internal abstract class EventSource(FileDescriptor descriptor)
{
    internal FileDescriptor Descriptor { get; } = descriptor;

    /// <summary>Its place in the loop; -1 while it is not watched.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>Called as long as the descriptor is ready (level-triggered). A bounded amount of work, so that others have their turn.</summary>
    internal abstract void OnReady(Readiness readiness);
}
