using System.Diagnostics;

namespace CriRuntime.E2e.Harness;

/// <summary>Runs a program of the host to its end.</summary>
internal static class Shell
{
    /// <returns>What it printed on standard output.</returns>
    /// <exception cref="InvalidOperationException">It exited with another status than 0; the message has its standard error.</exception>
    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int status, string output, string error) = await TryAsync(program, arguments);
        return status == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {status}: {error}{output}");
    }

    internal static async Task<(int Status, string Output, string Error)> TryAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
