using System.Runtime.ExceptionServices;

namespace CriRuntime.CriServer.Services;

/// <summary>Measures many things at once: each is a few files that the kernel makes up while they are read, on the processor that reads them.</summary>
internal static class Measurements
{
    /// <summary>Fewer are read before another thread has woken up.</summary>
    private const int Few = 8;

    /// <summary>More would take a node's processors from its containers.</summary>
    private static readonly ParallelOptions s_options = new() { MaxDegreeOfParallelism = Math.Min(4, Environment.ProcessorCount) };

    /// <summary>In the order of <paramref name="things"/>. Throws what <paramref name="measure"/> throws.</summary>
    internal static TMeasured[] Of<T, TMeasured>(T[] things, Func<T, TMeasured> measure)
    {
        if (things.Length <= Few)
            return Array.ConvertAll(things, thing => measure(thing));
        TMeasured[] measured = new TMeasured[things.Length];
        try
        {
            Parallel.For(0, things.Length, s_options, i => measured[i] = measure(things[i]));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return measured;
    }
}
