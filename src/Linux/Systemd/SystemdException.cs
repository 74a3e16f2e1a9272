namespace CriRuntime.Linux.Systemd;

/// <summary>What systemd refused, or why it could not be asked. The message names the operation and the unit.</summary>
public sealed class SystemdException : IOException
{
    public SystemdException(string operation, string errorName, string reason)
        : base($"systemd: {operation}: {reason}")
    {
        ErrorName = errorName;
    }

    public SystemdException(string operation, string errorName, string reason, Exception cause)
        : base($"systemd: {operation}: {reason}", cause)
    {
        ErrorName = errorName;
    }

    /// <summary>As D-Bus names it, e.g. <c>org.freedesktop.systemd1.NoSuchUnit</c>; one of <see cref="SystemdErrors"/> where this program made it.</summary>
    public string ErrorName { get; }

    /// <summary>The unit is not loaded: it never was, or it ended and was collected.</summary>
    public bool IsNoSuchUnit => ErrorName == SystemdErrors.NoSuchUnit;

    /// <summary>A unit of that name is loaded already.</summary>
    public bool IsUnitExists => ErrorName == SystemdErrors.UnitExists;

    /// <summary>The connection ended before the answer came, as it does when systemd or the bus executes anew: the operation may have happened or not.</summary>
    public bool IsDisconnected => ErrorName is SystemdErrors.Disconnected or SystemdErrors.NoReply or SystemdErrors.NameHasNoOwner;
}

/// <summary>Names of errors that mean something to callers.</summary>
internal static class SystemdErrors
{
    internal const string NoSuchUnit = "org.freedesktop.systemd1.NoSuchUnit";
    internal const string UnitExists = "org.freedesktop.systemd1.UnitExists";
    internal const string Disconnected = "org.freedesktop.DBus.Error.Disconnected";
    internal const string NoReply = "org.freedesktop.DBus.Error.NoReply";
    internal const string NameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";
    internal const string TimedOut = "org.freedesktop.DBus.Error.Timeout";
    internal const string Failed = "org.freedesktop.DBus.Error.Failed";
}
