namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// What a frame carries. The conversation of a pod's life:
/// <code>
///   daemon                                             monitor
///     │ posix_spawn, descriptor 3 = one end of a socket pair
///     │──Hello {versions}───────────────────────────────▶│ first on every connection
///     │◀─────────────────────{version, pid, pod id}──────│
///     │──Assign {directory, pod id, cgroups}────────────▶│ once in its life: it binds DIR/conmon.sock,
///     │◀──────────────────────────────────────────ok─────│ from then on anyone may connect there instead
///     │──CreateSandbox, fd: plan────────────────────────▶│ namespaces made and pinned
///     │◀──────────────────────────────────{moments}──────│ of the launch, where its plan is timed
///     │──CreateContainer {id, log}, fd: plan────────────▶│ cloned, set up, waits before exec
///     │◀────────────────────────────{pid, moments}───────│ or what failed in its setup
///     │──StartContainer {id}────────────────────────────▶│ released
///     │◀──────────────────────────────────────────ok─────│ once exec has succeeded, or why not
///     │  (with a plan where another runtime's binary starts it)
///     │──Exec {id}, fds: plan, stdin, stdout, stderr────▶│ cloned into the container
///     │◀──────────{exec id, pid}, fd: pty if terminal────│
///     │◀─────ExecExited {exec id, code}──────────────────│ event, to the connection that asked for it
///     │──Attach {id}, fds: stdin, stdout, stderr────────▶│ created or running; output from now on is copied to them
///     │◀──────────────────────────────{attach id}────────│
///     │◀─────AttachmentEnded {attach id, dropped, why}───│ event, to the connection that asked for it
///     │──Detach {attach id}─────────────────────────────▶│
///     │◀──────────────────────────────────────────ok─────│
///     │◀─────LogTroubled {id, what, errno, lost bytes}───│ event, to every connection
///     │──Signal, KillAll, KillExec, Resize, ReopenLog───▶│
///     │◀──────────────────────────────────────────ok─────│
///     │◀─────ContainerExited {id, code, oom, time}───────│ event, to every connection; exits/ID is written before
///     │──DeleteContainer {id}───────────────────────────▶│ kills what is left, removes the cgroup, forgets
///     │◀──────────────────────────────────────────ok─────│
///     │──Shutdown───────────────────────────────────────▶│ refused while a container is known
///     │◀──────────────────────────────────────────ok─────│ it ends
/// </code>
/// Requests may be sent without waiting for replies; replies come in any order and name the request's id.
/// A reply has the request's type and the Reply flag; one that failed has the Error flag and a <see cref="FailureMessage"/>.
/// A payload may grow at its end in later versions: readers ignore what they do not know.
/// </summary>
public enum MessageType : ushort
{
    None = 0,
    Hello = 1,
    Assign = 2,
    CreateSandbox = 3,
    CreateContainer = 4,
    StartContainer = 5,
    Signal = 6,
    KillAll = 7,
    DeleteContainer = 8,
    Exec = 9,
    KillExec = 10,
    Resize = 11,
    ReopenLog = 12,
    List = 13,
    Shutdown = 14,
    Attach = 15,
    Detach = 16,

    ContainerExited = 0x100,
    ExecExited = 0x101,
    AttachmentEnded = 0x102,
    LogTroubled = 0x103,
}

/// <summary>Which direction and outcome a frame has. None: a request.</summary>
[Flags]
public enum MessageFlags : ushort
{
    None = 0,
    Reply = 1,

    /// <summary>With Reply: the request failed.</summary>
    Error = 2,

    /// <summary>With Reply: another frame of the same reply follows.</summary>
    More = 4,

    /// <summary>Sent by the monitor unasked.</summary>
    Event = 8,
}
