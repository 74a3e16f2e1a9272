namespace CriRuntime.Linux.Systemd;

/// <summary>A method of systemd's manager object (org.freedesktop.systemd1(5)) with its arguments.</summary>
/// <param name="Describe">Completes "could not ...", for the error.</param>
/// <param name="Member">The method.</param>
/// <param name="Write">Appends the arguments.</param>
internal sealed record ManagerCall(string Describe, string Member, Action<BusMessage> Write)
{
    internal static ManagerCall Subscribe { get; } = new("subscribe", "Subscribe", _ => { });

    /// <summary>Answers with a job.</summary>
    internal static ManagerCall StartTransient(string unit, IReadOnlyList<UnitProperty> properties) => new($"start {unit}", "StartTransientUnit", message =>
    {
        message.Write(unit);
        message.Write("fail");
        message.Write(properties);
        message.WriteNoUnits();
    });

    /// <summary>Answers with a job.</summary>
    internal static ManagerCall Stop(string unit) => new($"stop {unit}", "StopUnit", message =>
    {
        message.Write(unit);
        message.Write("replace");
    });

    internal static ManagerCall ResetFailed(string unit) => new($"reset {unit}", "ResetFailedUnit", message => message.Write(unit));

    internal static ManagerCall SetProperties(string unit, IReadOnlyList<UnitProperty> properties) => new($"set properties of {unit}", "SetUnitProperties", message =>
    {
        message.Write(unit);
        message.Write(true); // runtime: not beyond a reboot
        message.Write(properties);
    });
}
