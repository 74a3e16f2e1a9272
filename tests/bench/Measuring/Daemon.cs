using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CriRuntime.Bench.Measuring;

/// <summary>The daemon under test: found running, and killed and started again as it was.</summary>
/// <param name="pidFile">File with its process id; rewritten when it is started again.</param>
internal sealed class Daemon(string pidFile)
{
    internal int Pid { get; private set; } = int.Parse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture);

    /// <summary>Ends it by SIGKILL, and returns when it is gone.</summary>
    /// <returns>What starts it again: the same program, arguments, environment and directory.</returns>
    internal async Task<ProcessStartInfo> KillAsync()
    {
        ProcessStartInfo again = CommandOf(Pid);
        using Process process = Process.GetProcessById(Pid);
        process.Kill();
        await process.WaitForExitAsync();
        return again;
    }

    /// <summary>Starts it and does not wait for it; it outlives the benchmark.</summary>
    /// <returns>The moment before, by <see cref="Stopwatch"/>.</returns>
    internal long Start(ProcessStartInfo command)
    {
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(command)!;
        Pid = process.Id;
        File.WriteAllText(pidFile, Pid.ToString(CultureInfo.InvariantCulture));
        return started;
    }

    private static ProcessStartInfo CommandOf(int pid)
    {
        ProcessStartInfo command = new(File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)!.FullName, Words(pid, "cmdline").Skip(1))
        {
            WorkingDirectory = File.ResolveLinkTarget($"/proc/{pid}/cwd", returnFinalTarget: false)!.FullName,
        };
        command.Environment.Clear();
        foreach (string[] variable in Words(pid, "environ").Select(word => word.Split('=', 2)).Where(pair => pair.Length == 2))
            command.Environment[variable[0]] = variable[1];
        return command;
    }

    private static string[] Words(int pid, string file) => File.ReadAllText($"/proc/{pid}/{file}", Encoding.UTF8).TrimEnd('\0').Split('\0');
}
