namespace CriRuntime.Streaming;

/// <summary>How an exec or attach ended, as its client is told on the error channel.</summary>
public abstract record RemoteCommandOutcome
{
    private RemoteCommandOutcome()
    {
    }

    /// <summary>The command exited with 0, or the attachment ended well.</summary>
    public sealed record Succeeded : RemoteCommandOutcome;

    /// <summary>The command exited with a code other than 0 (128 + n for signal n).</summary>
    public sealed record Exited(int Code) : RemoteCommandOutcome;

    /// <summary>The command could not be run, or its end is not known.</summary>
    public sealed record Failed(string Message) : RemoteCommandOutcome;

    /// <summary><see cref="Succeeded"/> for 0, else <see cref="Exited"/>.</summary>
    public static RemoteCommandOutcome FromExitCode(int code) => code == 0 ? new Succeeded() : new Exited(code);
}
