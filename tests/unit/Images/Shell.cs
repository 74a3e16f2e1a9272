using System.Diagnostics;

namespace CriRuntime.Images.Tests;

/// <summary>Runs the system's tools, whose results tests compare with.</summary>
internal static class Shell
{
    public static async Task<string> RunAsync(string script)
    {
        using Process process = Start("/bin/bash", ["-ec", script]);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{script}\nexited with {process.ExitCode}: {await error}");
        return output;
    }

    private static Process Start(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
