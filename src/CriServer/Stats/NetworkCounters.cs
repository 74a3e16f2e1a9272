using System.Globalization;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Stats;

/// <summary>Interface counters of a network namespace, read through a process in it (proc_pid_net(5), <c>dev</c>).</summary>
internal static class NetworkCounters
{
    private const string DefaultInterface = "eth0";

    /// <param name="pid">A process in the namespace.</param>
    /// <returns>Null when the process is gone.</returns>
    internal static Cri.NetworkUsage? Read(int pid, long timestamp)
    {
        try
        {
            return Parse(File.ReadLines($"/proc/{pid}/net/dev"), timestamp);
        }
        catch (IOException)
        {
            // It ended before or while the file was read (ENOENT, ESRCH or EINVAL).
            return null;
        }
    }

    /// <summary>Two lines of headings, then <c>name: rx-bytes packets errs drop fifo frame compressed multicast tx-bytes packets errs ...</c>.</summary>
    internal static Cri.NetworkUsage Parse(IEnumerable<string> lines, long timestamp)
    {
        Cri.NetworkUsage usage = new() { Timestamp = timestamp };
        foreach (string line in lines.Skip(2))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string name = line[..colon].Trim();
            if (name == "lo" || fields.Length < 11)
                continue;
            Cri.NetworkInterfaceUsage counters = new()
            {
                Name = name,
                RxBytes = Field(fields, 0),
                RxErrors = Field(fields, 2),
                TxBytes = Field(fields, 8),
                TxErrors = Field(fields, 10),
            };
            if (name == DefaultInterface)
                usage.DefaultInterface = counters;
            else
                usage.Interfaces.Add(counters);
        }

        return usage;
    }

    private static Cri.UInt64Value Field(string[] fields, int index) =>
        StatsTranslation.Value(ulong.Parse(fields[index], CultureInfo.InvariantCulture));
}
