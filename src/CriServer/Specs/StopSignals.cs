using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Specs;

/// <summary>Signals by name or number (signal(7), Linux on x86 and arm).</summary>
public static class StopSignals
{
    private const int Terminate = 15;
    private const int RealTimeMinimum = 34;
    private const int RealTimeMaximum = 64;

    private static readonly Dictionary<string, int> Numbers = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ILL"] = 4,
        ["TRAP"] = 5,
        ["ABRT"] = 6,
        ["IOT"] = 6,
        ["BUS"] = 7,
        ["FPE"] = 8,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["SEGV"] = 11,
        ["USR2"] = 12,
        ["PIPE"] = 13,
        ["ALRM"] = 14,
        ["TERM"] = 15,
        ["STKFLT"] = 16,
        ["CHLD"] = 17,
        ["CLD"] = 17,
        ["CONT"] = 18,
        ["STOP"] = 19,
        ["TSTP"] = 20,
        ["TTIN"] = 21,
        ["TTOU"] = 22,
        ["URG"] = 23,
        ["XCPU"] = 24,
        ["XFSZ"] = 25,
        ["VTALRM"] = 26,
        ["PROF"] = 27,
        ["WINCH"] = 28,
        ["IO"] = 29,
        ["POLL"] = 29,
        ["PWR"] = 30,
        ["SYS"] = 31,
    };

    /// <summary>The request's signal, else the image's, else SIGTERM.</summary>
    /// <exception cref="CriException">InvalidArgument for the request's; an image's unknown signal counts as none.</exception>
    public static int Choose(string requested, string ofImage)
    {
        if (requested.Length > 0)
        {
            return Parse(requested) ?? throw CriException.InvalidArgument(
                $"config.stop_signal \"{TextLimits.Shorten(requested)}\" is not a signal");
        }

        return Parse(ofImage) ?? Terminate;
    }

    /// <summary>From <c>SIGTERM</c>, <c>TERM</c>, <c>15</c>, <c>SIGRTMIN+3</c> or <c>RTMAX-1</c>; null for anything else.</summary>
    public static int? Parse(string text)
    {
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        int number = 0;
        if (Numbers.TryGetValue(name, out number) || int.TryParse(name, out number))
            return number is > 0 and <= RealTimeMaximum ? number : null;
        if (name.StartsWith("RTMIN", StringComparison.Ordinal))
            return RealTime(RealTimeMinimum, name["RTMIN".Length..], '+');
        return name.StartsWith("RTMAX", StringComparison.Ordinal) ? RealTime(RealTimeMaximum, name["RTMAX".Length..], '-') : null;
    }

    private static int? RealTime(int start, string offset, char sign)
    {
        if (offset.Length == 0)
            return start;
        if (offset[0] != sign || !int.TryParse(offset.AsSpan(1), out int distance) || distance is < 0 or > 30)
            return null;
        return sign == '+' ? start + distance : start - distance;
    }
}
