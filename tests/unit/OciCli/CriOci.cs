using System.Diagnostics;

namespace CriRuntime.OciCli.Tests;

/// <summary>What a finished command left.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>Fails the test with all that is known when the command failed.</summary>
    internal string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit {ExitCode}\n{Output}\n{Error}");
        return Output;
    }

    internal string Failed(params string[] words)
    {
        Assert.True(ExitCode != 0, $"it succeeded:\n{Output}\n{Error}");
        foreach (string word in words)
            Assert.Contains(word, Error, StringComparison.Ordinal);
        return Error;
    }
}

/// <summary>The published program: what it does between clone and exec must not run under the JIT of a test process.</summary>
internal static class CriOci
{
    internal static string Path { get; } = Environment.GetEnvironmentVariable("CRI_OCI") is { Length: > 0 } path && File.Exists(path)
        ? path
        : throw new InvalidOperationException("The environment variable CRI_OCI must name the published cri-oci.");

    internal static Outcome Run(params string[] arguments) => RunProgram(Path, arguments);

    internal static Outcome RunProgram(string program, IEnumerable<string> arguments, string? input = null)
    {
        using Process process = Start(program, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill();
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end");
        }
        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    internal static Process Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }
}
