namespace CriRuntime.Linux.Systemd;

/// <summary>Ways to reach systemd, in the order of preference.</summary>
internal enum SystemdTransport
{
    /// <summary>The system bus: what systemd supports for everybody. Needs a running dbus-daemon or dbus-broker.</summary>
    SystemBus,

    /// <summary>Systemd's own socket, for root alone: what remains on a host without a bus, or while it restarts.</summary>
    Private,
}

/// <summary>Where systemd and the bus are.</summary>
internal static class SystemdAddress
{
    internal const string ManagerInterface = "org.freedesktop.systemd1.Manager";

    internal static readonly BusAddress Manager = new("org.freedesktop.systemd1", "/org/freedesktop/systemd1", ManagerInterface);
    internal static readonly BusAddress ManagerProperties = Manager with { Interface = "org.freedesktop.DBus.Properties" };
    internal static readonly BusAddress Bus = new("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus");

    /// <summary>What a bus has to be asked to pass on; systemd's own socket passes everything on.</summary>
    internal static readonly string[] Signals =
    [
        "type='signal',interface='org.freedesktop.systemd1.Manager',member='JobRemoved'",
        "type='signal',interface='org.freedesktop.systemd1.Manager',member='Reloading'",
    ];

    private const string PrivateSocket = "unix:path=/run/systemd/private";

    /// <summary>A started connection, whose handshake goes on as it is processed.</summary>
    /// <exception cref="SystemdException">There is nobody to connect to, or libsystemd is not installed.</exception>
    internal static nint Open(SystemdTransport transport)
    {
        try
        {
            return transport == SystemdTransport.SystemBus ? OpenSystemBus() : OpenPrivate();
        }
        catch (DllNotFoundException e)
        {
            throw new SystemdException("connect", SystemdErrors.Failed, "libsystemd.so.0 is not installed (Debian: package libsystemd0)", e);
        }
    }

    private static nint OpenSystemBus()
    {
        int result = Libsystemd.OpenSystem(out nint bus);
        return result >= 0 ? bus : throw Refusal("the system bus", result);
    }

    private static nint OpenPrivate()
    {
        int result = Libsystemd.New(out nint bus);
        if (result < 0)
            throw Refusal(PrivateSocket, result);
        result = Libsystemd.SetAddress(bus, PrivateSocket);
        if (result >= 0)
            result = Libsystemd.Start(bus);
        if (result >= 0)
            return bus;
        Libsystemd.CloseUnref(bus);
        throw Refusal(PrivateSocket, result);
    }

    private static SystemdException Refusal(string what, int result) =>
        new("connect", SystemdErrors.Disconnected, $"{what}: {(Errno)(-result)}");
}
