namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// The moment between criu's having saved the processes and their going on, in which the writable layer is saved: both then belong together. criu runs a script there, which waits for a
/// lock that the daemon holds. When the daemon dies the lock goes with it, and the container goes on.
/// </summary>
internal sealed class DumpPause : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly string _reached;
    private readonly FileStream _held;

    /// <param name="work">A directory of the daemon's own.</param>
    public DumpPause(string work)
    {
        _reached = Path.Join(work, "reached");
        string held = Path.Join(work, "held");
        Script = Path.Join(work, "pause.sh");
        // .NET locks a file that it shares with nobody by flock(2).
        _held = new FileStream(held, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        File.WriteAllText(Script, $"""
            #!/bin/sh
            [ "$CRTOOLS_SCRIPT_ACTION" = post-dump ] || exit 0
            : > '{_reached}'
            exec flock '{held}' true

            """);
        File.SetUnixFileMode(Script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Script { get; }

    /// <summary>Returns true when the processes are saved and stand still, false when <paramref name="ended"/> came first.</summary>
    public async Task<bool> ReachAsync(Task ended)
    {
        while (!File.Exists(_reached))
        {
            if (ended.IsCompleted)
                return false;
            await Task.WhenAny(ended, Task.Delay(Step)).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Lets them go on. Fine when they do already.</summary>
    public void Dispose() => _held.Dispose();
}
