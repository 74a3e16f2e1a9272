using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Handlers;

/// <summary>Runs another runtime's binary from the daemon, for what makes no process of a container: features, update, delete.</summary>
public static class BinaryProgram
{
    /// <summary>How long <c>features</c> may take.</summary>
    public static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);

    private const int LongestExcerpt = 500;

    private static readonly string[] Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    /// <summary>The program's absolute path; null where it is missing.</summary>
    /// <param name="program">An absolute path, or a name that is looked up in PATH.</param>
    public static string? Find(string program) => program.StartsWith('/')
        ? IsProgram(program) ? program : null
        : (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Join(directory, program)).FirstOrDefault(IsProgram);

    /// <returns>What it printed.</returns>
    /// <exception cref="BinaryException">It could not be executed, failed, took too long or printed too much.</exception>
    public static async Task<ReadOnlyMemory<byte>> RunAsync(string path, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, TimeSpan patience)
    {
        ProgramOutcome outcome;
        try
        {
            outcome = await ProgramRun.RunAsync(new SpawnOptions(path, [path, .. arguments]) { Environment = Environment }, input, patience, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw new BinaryException($"{path} can't be executed: {e.Message}");
        }

        string? problem = outcome switch
        {
            { End: ProgramEnd.TimedOut } => $"it did not end within {patience.TotalSeconds} s, and was killed",
            { End: ProgramEnd.Unkillable } => $"it did not end within {patience.TotalSeconds} s, and does not die when killed",
            { End: ProgramEnd.TooMuchOutput } => "it printed too much, and was killed",
            { Status: { Signal: > 0 } status } => $"it was killed by signal {status.Signal}",
            { Status: { Status: not 0 } status } => $"exit status {status.Status}{Excerpt(outcome.Stderr)}",
            _ => null,
        };
        return problem is null ? outcome.Stdout : throw new BinaryException($"{path}: {problem}");
    }

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string Excerpt(ReadOnlyMemory<byte> text)
    {
        string shown = Encoding.UTF8.GetString(text.Span[..Math.Min(text.Length, LongestExcerpt)]).Trim();
        return shown.Length == 0 ? "" : ": " + string.Concat(shown.Select(static c => char.IsControl(c) ? ' ' : c));
    }
}
