using System.Globalization;
using System.Security.Cryptography;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Lsm;

/// <summary>
/// Levels with a pair of categories, each for one pod (multi-category security): no pod may read what another has written. Which are taken is not
/// counted but seen in the published pods, so a pair is kept while its pod is there, also by the next daemon, and free when the pod is gone.
/// </summary>
/// <param name="taken">The levels of all published pods.</param>
public sealed class McsLevels(Func<IEnumerable<string>> taken)
{
    /// <summary>As policies define them; pairs of them are 523,776.</summary>
    private const int Categories = 1024;

    private const int Attempts = 10_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    /// <summary>A level that no pod has and no other claim holds.</summary>
    /// <exception cref="CriException">ResourceExhausted.</exception>
    public Claim Take()
    {
        lock (_gate)
        {
            HashSet<string> used = [.. taken(), .. _claimed];
            for (int i = 0; i < Attempts; i++)
            {
                string level = RandomPair();
                if (used.Contains(level))
                    continue;
                _claimed.Add(level);
                return new Claim(this, level);
            }
        }

        throw new CriException(CriErrorKind.ResourceExhausted, "no pair of SELinux categories is free: there are too many pods");
    }

    private static string RandomPair()
    {
        int low = RandomNumberGenerator.GetInt32(Categories);
        int high = RandomNumberGenerator.GetInt32(Categories - 1);
        if (high >= low)
            high++;
        return string.Create(CultureInfo.InvariantCulture, $"s0:c{Math.Min(low, high)},c{Math.Max(low, high)}");
    }

    /// <summary>Holds a level until its pod is published, or has come to nothing.</summary>
    public sealed class Claim(McsLevels levels, string level) : IDisposable
    {
        public string Level => level;

        public void Dispose()
        {
            lock (levels._gate)
                levels._claimed.Remove(level);
        }
    }
}
