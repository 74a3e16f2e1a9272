namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// The process is made by another runtime's binary (runc, crun), which the plan starts. It leaves the process behind and names it in a pid file; the monitor,
/// to which the kernel gives orphans, goes on from there as with its own.
/// </summary>
/// <param name="Directory">Where the binary runs; absolute, nobody else's. <c>NAME.pid</c> is its pid file, <c>NAME.sock</c> the console socket where there is a terminal.</param>
/// <param name="Name">One file name.</param>
/// <param name="LimitSeconds">The binary is killed when it takes longer, 1 to 3600.</param>
public sealed record BinaryOptions(string Directory, string Name, int LimitSeconds) : IPayload
{
    /// <summary>What the binary is told, relative to the directory: sun_path is short.</summary>
    public static string PidFile(string name) => name + ".pid";

    /// <inheritdoc cref="PidFile"/>
    public static string ConsoleSocket(string name) => name + ".sock";

    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Directory);
        writer.Write(Name);
        writer.Write(LimitSeconds);
    }

    public static BinaryOptions Read(ref PayloadReader reader) => new(reader.ReadString(), reader.ReadString(), reader.ReadInt32());

    /// <summary>After what older programs read: whether there are any, and then they.</summary>
    internal static void WriteOptional(ref PayloadWriter writer, BinaryOptions? options)
    {
        writer.Write(options is not null);
        options?.Write(ref writer);
    }

    /// <summary>Null: none, or from an older daemon.</summary>
    internal static BinaryOptions? ReadOptional(ref PayloadReader reader) => reader.AtEnd || !reader.ReadBool() ? null : Read(ref reader);

    /// <exception cref="MonitorException">InvalidRequest: a value is out of its range.</exception>
    public void Validate()
    {
        if (!Directory.StartsWith('/') || Name.Length is 0 or > 128 || Name.Contains('/') || LimitSeconds is < 1 or > 3600)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"options for a binary are out of range: {this}");
    }
}
