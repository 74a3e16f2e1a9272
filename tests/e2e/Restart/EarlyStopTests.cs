using System.Diagnostics;
using System.Globalization;
using CriRuntime.E2e.Harness;

namespace CriRuntime.E2e.Restart;

/// <summary>The service manager may stop the daemon while it is still starting.</summary>
public sealed class EarlyStopTests
{
    [Fact]
    public async Task SIGTERM_ends_a_daemon_that_is_still_starting_without_a_crash()
    {
        await using Daemon daemon = await Daemon.StartAsync("early-stop");
        string[] command = (await File.ReadAllTextAsync($"/proc/{daemon.Pid}/cmdline")).TrimEnd('\0').Split('\0');
        await daemon.TerminateAsync();
        for (int delay = 0; delay <= 200; delay += 10)
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await Task.Delay(delay);
            await Shell.RunAsync("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
            using CancellationTokenSource limit = new(Wait.Seconds(20));
            await process.WaitForExitAsync(limit.Token);
            // 143: it had not taken the signal upon itself yet.
            Assert.True(process.ExitCode is 0 or 143, $"ended with {process.ExitCode} when told to after {delay} ms:\n{await output}{await errors}");
        }

        await daemon.StartProcessAsync();
    }
}
