namespace CriRuntime.Conmon.Protocol;

/// <summary>A container's log loses output, or does so no longer. The container itself never notices.</summary>
/// <param name="Id">The container.</param>
/// <param name="Kind">What happens.</param>
/// <param name="Errno">Why writing failed (ENOSPC 28, EDQUOT 122, EIO 5), as the kernel numbers it; 0 otherwise.</param>
/// <param name="LostBytes">Bytes of entries lost for this reason in the container's life so far.</param>
public sealed record LogTrouble(string Id, LogTroubleKind Kind, int Errno, long LostBytes) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Id);
        writer.Write((int)Kind);
        writer.Write(Errno);
        writer.Write(LostBytes);
    }

    public static LogTrouble Read(ref PayloadReader reader) =>
        new(reader.ReadString(), (LogTroubleKind)reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
}

public enum LogTroubleKind
{
    /// <summary>A write failed; told once an outage.</summary>
    WriteFailed = 1,

    /// <summary>Writes work again: one has succeeded a second or more after the last that failed.</summary>
    Recovered = 2,

    /// <summary><see cref="LogOptions.BytesPerSecond"/> was exceeded; told at most every ten seconds.</summary>
    RateLimited = 3,
}
