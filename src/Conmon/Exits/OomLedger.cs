namespace CriRuntime.Conmon.Exits;

/// <summary>The out-of-memory kills of all of a pod's containers: what the pod's cgroup counts beyond those of the others is a container's own.</summary>
/// <param name="read">The kills that a file counts, or null if it is not there.</param>
internal sealed class OomLedger(Func<string, long?> read)
{
    private readonly List<OomCounter> _counters = [];
    private long _forgotten;

    internal OomLedger()
        : this(OomCounter.Read)
    {
    }

    /// <summary>What the file counts now.</summary>
    internal long? Read(string path) => read(path);

    /// <summary>Counts for one more container, from now on.</summary>
    internal OomCounter Open(IReadOnlyList<string> cgroupDirectories)
    {
        OomCounter counter = new(cgroupDirectories, this);
        _counters.Add(counter);
        return counter;
    }

    /// <summary>The kills in containers other than <paramref name="counter"/>'s, those that are deleted included.</summary>
    internal long Elsewhere(OomCounter counter)
    {
        long kills = _forgotten;
        foreach (OomCounter other in _counters)
        {
            if (other != counter)
                kills += other.Kills();
        }

        return kills;
    }

    /// <summary>Another container may have kills that nobody has read.</summary>
    internal bool HasUntold(OomCounter counter)
    {
        foreach (OomCounter other in _counters)
        {
            if (other != counter && other.IsUntold)
                return true;
        }

        return false;
    }

    /// <summary>The container is deleted; its kills stay in the pod's sum.</summary>
    internal void Forget(OomCounter counter)
    {
        if (_counters.Remove(counter))
            _forgotten += counter.Kills();
    }
}
