using System.Globalization;

namespace CriRuntime.OciCli.Commands;

/// <summary>Signals by number or name (signal(7)): 15, TERM, SIGTERM, RTMIN+3.</summary>
internal static class SignalNames
{
    private const int First = 1, Last = 64, RealTimeFirst = 34;

    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
        "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <exception cref="UsageException"/>
    internal static int Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number is >= First and <= Last ? number : throw new UsageException($"there is no signal {number}");
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        int index = Array.IndexOf(Names, name);
        if (index >= 0)
            return index + 1;
        return RealTime(name) ?? throw new UsageException($"there is no signal {text}");
    }

    private static int? RealTime(string name)
    {
        int? start = name.StartsWith("RTMIN", StringComparison.Ordinal) ? RealTimeFirst : name.StartsWith("RTMAX", StringComparison.Ordinal) ? Last : null;
        if (start is null)
            return null;
        if (name.Length == 5)
            return start;
        int? number = int.TryParse(name.AsSpan(5), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int offset) ? start + offset : null;
        return number is >= RealTimeFirst and <= Last ? number : null;
    }
}
