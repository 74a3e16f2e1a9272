using System.Runtime;

namespace CriRuntime.CriServer.Hosting;

/// <summary>
/// Memory in which the start can allocate without collections. Nearly all that it makes it keeps, so that each collection would copy a megabyte to gain nothing, and hold up
/// every thread meanwhile.
/// </summary>
internal static class StartMemory
{
    /// <summary>More than a start with some hundred pods allocates. Pages become resident when they are used.</summary>
    private const long Size = 32L << 20;

    /// <summary>Where memory is limited to little more than what is asked for, the collector of .NET 9 dies of it.</summary>
    private const long EnoughForAll = 16 * Size;

    /// <summary>Without it the start is slower, nothing else. A start that needs more gets collections again.</summary>
    internal static void Reserve()
    {
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >= EnoughForAll)
            GC.TryStartNoGCRegion(Size, disallowFullBlockingGC: true);
    }

    /// <summary>Back to ordinary collections.</summary>
    internal static void Release()
    {
        if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
            return;
        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // It ends by itself when it is used up, which another thread has just done.
        }
    }
}
