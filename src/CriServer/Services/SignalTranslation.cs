using CriRuntime.CriServer.Specs;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>The CRI's Signal, whose numbers are not the kernel's.</summary>
internal static class SignalTranslation
{
    private static readonly Dictionary<int, Cri.Signal> ByNumber = Numbers();

    /// <summary>A name that <see cref="StopSignals.Parse"/> knows; empty for RUNTIME_DEFAULT.</summary>
    public static string ToDomain(this Cri.Signal signal) => signal == Cri.Signal.RuntimeDefault
        ? ""
        : signal.ToString().ToUpperInvariant().Replace("PLUS", "+", StringComparison.Ordinal).Replace("MINUS", "-", StringComparison.Ordinal);

    public static Cri.Signal ToCri(int number) => ByNumber.GetValueOrDefault(number, Cri.Signal.RuntimeDefault);

    /// <summary>Of two names for one number (SIGCHLD, SIGCLD) the first stays.</summary>
    private static Dictionary<int, Cri.Signal> Numbers()
    {
        Dictionary<int, Cri.Signal> numbers = [];
        foreach (Cri.Signal signal in Enum.GetValues<Cri.Signal>())
        {
            if (StopSignals.Parse(signal.ToDomain()) is { } number)
                numbers.TryAdd(number, signal);
        }

        return numbers;
    }
}
