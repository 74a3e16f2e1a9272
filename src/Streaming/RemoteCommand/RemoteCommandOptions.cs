namespace CriRuntime.Streaming;

/// <summary>
/// Which streams an exec or attach has, as its CRI request says (ExecRequest, AttachRequest). With <paramref name="Tty"/> there is no stderr,
/// whatever <paramref name="Stderr"/> says.
/// </summary>
public sealed record RemoteCommandOptions(bool Stdin, bool Stdout, bool Stderr, bool Tty)
{
    internal bool HasStderr => Stderr && !Tty;
}
