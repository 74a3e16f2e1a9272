using CriRuntime.Linux;

namespace CriRuntime.CriServer.Handlers;

/// <summary>Runs another runtime's binary from the daemon, for what makes no process of a container: features, update, delete.</summary>
public static class BinaryProgram
{
    /// <summary>How long <c>features</c> may take.</summary>
    public static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);

    /// <returns>What it printed.</returns>
    /// <exception cref="BinaryException">It could not be executed, failed, took too long or printed too much.</exception>
    public static async Task<ReadOnlyMemory<byte>> RunAsync(string path, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, TimeSpan patience)
    {
        ProgramOutcome outcome;
        try
        {
            outcome = await ProgramRun.RunAsync(new SpawnOptions(path, [path, .. arguments]) { Environment = [HostPrograms.PathVariable] }, input, patience, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw new BinaryException($"{path} can't be executed: {e.Message}");
        }

        return outcome.Failure(patience) is { } failure ? throw new BinaryException($"{path} {failure}") : outcome.Stdout;
    }
}
