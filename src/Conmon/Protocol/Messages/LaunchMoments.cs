using CriRuntime.Linux.Launching;

namespace CriRuntime.Conmon.Protocol;

/// <summary>When the stages of a launch began, in the order of time: the reply to CreateSandbox, and the end of those to CreateContainer and Exec, where the plan is timed. Else there is nothing of it.</summary>
/// <param name="All">Empty: the plan was not timed, or the monitor is from before this was known.</param>
public readonly record struct LaunchMoments(IReadOnlyList<LaunchMoment> All) : IPayload
{
    private const int EntrySize = sizeof(int) + sizeof(long);

    public void Write(ref PayloadWriter writer)
    {
        if (All.Count == 0)
            return;
        writer.Write(All.Count);
        foreach (LaunchMoment moment in All)
        {
            writer.Write((int)moment.Stage);
            writer.Write(moment.At);
        }
    }

    public static LaunchMoments Read(ref PayloadReader reader)
    {
        if (reader.AtEnd)
            return new([]);
        int count = reader.ReadInt32();
        if (count is < 0 or > FrameHeader.MaxFrame / EntrySize)
            throw new ProtocolException($"{count} moments do not fit a frame");
        LaunchMoment[] moments = new LaunchMoment[count];
        for (int i = 0; i < count; i++)
            moments[i] = new((LaunchStage)reader.ReadInt32(), reader.ReadInt64());
        return new(moments);
    }
}
