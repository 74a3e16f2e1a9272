using System.Globalization;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Stats;

/// <summary>Interface counters of a network namespace, read through a process in it (proc_pid_net(5), <c>dev</c>).</summary>
internal static class NetworkCounters
{
    private const string DefaultInterface = "eth0";

    /// <param name="pid">A process in the namespace.</param>
    /// <returns>Null when the process is gone.</returns>
    internal static Cri.NetworkUsage? Read(int pid, long timestamp) =>
        ReadInterfaces(pid) is { } interfaces ? ToUsage(interfaces, timestamp) : null;

    /// <summary>All interfaces but the loopback.</summary>
    /// <inheritdoc cref="Read"/>
    internal static IReadOnlyList<InterfaceCounters>? ReadInterfaces(int pid)
    {
        try
        {
            return ParseInterfaces(File.ReadLines($"/proc/{pid}/net/dev"));
        }
        catch (IOException)
        {
            // It ended before or while the file was read (ENOENT, ESRCH or EINVAL).
            return null;
        }
    }

    internal static Cri.NetworkUsage Parse(IEnumerable<string> lines, long timestamp) => ToUsage(ParseInterfaces(lines), timestamp);

    /// <summary>Two lines of headings, then <c>name: rx-bytes packets errs drop fifo frame compressed multicast tx-bytes packets errs drop ...</c>.</summary>
    internal static IReadOnlyList<InterfaceCounters> ParseInterfaces(IEnumerable<string> lines)
    {
        List<InterfaceCounters> interfaces = [];
        foreach (string line in lines.Skip(2))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string name = colon < 0 ? "" : line[..colon].Trim();
            if (name is not ("" or "lo") && fields.Length >= 12)
                interfaces.Add(new InterfaceCounters(name, Traffic(fields, 0), Traffic(fields, 8)));
        }

        return interfaces;
    }

    private static Cri.NetworkUsage ToUsage(IReadOnlyList<InterfaceCounters> interfaces, long timestamp)
    {
        Cri.NetworkUsage usage = new() { Timestamp = timestamp };
        foreach (InterfaceCounters counters in interfaces)
        {
            Cri.NetworkInterfaceUsage translated = new()
            {
                Name = counters.Name,
                RxBytes = StatsTranslation.Value(counters.Received.Bytes),
                RxErrors = StatsTranslation.Value(counters.Received.Errors),
                TxBytes = StatsTranslation.Value(counters.Sent.Bytes),
                TxErrors = StatsTranslation.Value(counters.Sent.Errors),
            };
            if (counters.Name == DefaultInterface)
                usage.DefaultInterface = translated;
            else
                usage.Interfaces.Add(translated);
        }

        return usage;
    }

    private static InterfaceTraffic Traffic(string[] fields, int first) =>
        new(Field(fields, first), Field(fields, first + 1), Field(fields, first + 2), Field(fields, first + 3));

    private static ulong Field(string[] fields, int index) => ulong.Parse(fields[index], CultureInfo.InvariantCulture);
}
