using System.Text;

namespace CriRuntime.Linux;

/// <summary>How the run of a program ended.</summary>
public enum ProgramEnd
{
    Exited,
    TimedOut,
    TooMuchOutput,

    /// <summary>It exited, but something it started kept its output open.</summary>
    OutputHeld,

    /// <summary>It was killed and is not dead yet (uninterruptible sleep).</summary>
    Unkillable,
}

/// <summary>What a program left: its end, and what it wrote.</summary>
public sealed record ProgramOutcome(ProgramEnd End, ExitStatus Status, ReadOnlyMemory<byte> Stdout, ReadOnlyMemory<byte> Stderr)
{
    private const int LongestExcerpt = 500;

    /// <summary>What went wrong, to follow the program's name, with some of what it wrote to stderr; null: it succeeded. What that left behind in the background is its own affair.</summary>
    /// <param name="patience">The time that it was given.</param>
    public string? Failure(TimeSpan patience) => this switch
    {
        { End: ProgramEnd.TimedOut } => $"did not end within {patience.TotalSeconds:0.###} s and was killed",
        { End: ProgramEnd.Unkillable } => $"did not end within {patience.TotalSeconds:0.###} s and does not die when killed",
        { End: ProgramEnd.TooMuchOutput } => "printed too much and was killed",
        { Status: { Signal: > 0 } status } => $"was killed by signal {status.Signal}{Excerpt()}",
        { Status: { Status: not 0 } status } => $"failed with exit status {status.Status}{Excerpt()}",
        _ => null,
    };

    /// <summary>On one line, without what would move a terminal's cursor.</summary>
    private string Excerpt()
    {
        string text = Encoding.UTF8.GetString(Stderr.Span).Trim();
        string shown = text.Length > LongestExcerpt ? text[..LongestExcerpt] + "..." : text;
        return shown.Length == 0 ? "" : ": " + string.Concat(shown.Select(static c => char.IsControl(c) ? ' ' : c));
    }
}
