namespace CriRuntime.Linux.Systemd;

/// <summary>The end of a job of systemd's.</summary>
/// <param name="Job">Its object's path, as the call that began it was answered.</param>
/// <param name="Result"><c>done</c>, <c>failed</c>, <c>canceled</c>, ...</param>
internal readonly record struct JobEnd(string Job, string Result)
{
    /// <summary>Reads JobRemoved(u id, o job, s unit, s result); null: it is another message.</summary>
    internal static JobEnd? From(BusMessage message)
    {
        if (!message.IsSignal(SystemdAddress.ManagerInterface, "JobRemoved"))
            return null;
        message.ReadNumber();
        string job = message.ReadPath();
        message.ReadText();
        return new JobEnd(job, message.ReadText());
    }
}
