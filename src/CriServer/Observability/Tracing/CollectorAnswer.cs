using Google.Protobuf;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>
/// Reads what collectors answer: ExportTraceServiceResponse (collector/trace/v1) and google.rpc.Status with RetryInfo. The numbers below are their field numbers.
/// An answer that is not what it should be says nothing; its status was clear without it.
/// </summary>
internal static class CollectorAnswer
{
    private const string RetryInfo = "type.googleapis.com/google.rpc.RetryInfo";

    private const long LongestDelay = 3600;

    internal static SendOutcome ReadSuccess(byte[] response)
    {
        (long rejected, string words) = (0, "");
        Read(response, (1, partialSuccess => Read(
            partialSuccess.ReadBytes().ToByteArray(),
            (1, from => rejected = from.ReadInt64()),
            (2, from => words = from.ReadString()))));
        return new SendOutcome(true, false, words, Math.Max(rejected, 0));
    }

    /// <returns>The message of a status, and after how long it invites to try again.</returns>
    internal static (string Message, TimeSpan? RetryDelay) ReadStatus(byte[] status)
    {
        string words = "";
        TimeSpan? delay = null;
        Read(
            status,
            (2, from => words = from.ReadString()),
            (3, from => delay = ReadDetail(from.ReadBytes().ToByteArray()) ?? delay));
        return (words, delay);
    }

    /// <summary>An Any.</summary>
    private static TimeSpan? ReadDetail(byte[] detail)
    {
        (string type, byte[] value) = ("", []);
        Read(detail, (1, from => type = from.ReadString()), (2, from => value = from.ReadBytes().ToByteArray()));
        if (type != RetryInfo)
            return null;
        TimeSpan delay = TimeSpan.Zero;
        Read(value, (1, from => delay = ReadDuration(from.ReadBytes().ToByteArray())));
        return delay;
    }

    private static TimeSpan ReadDuration(byte[] duration)
    {
        (long seconds, int nanoseconds) = (0, 0);
        Read(duration, (1, from => seconds = from.ReadInt64()), (2, from => nanoseconds = from.ReadInt32()));
        return TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestDelay)) + TimeSpan.FromMicroseconds(Math.Clamp(nanoseconds, 0, 999_999_999) / 1000);
    }

    /// <summary>Up to the first thing that is not protobuf.</summary>
    private static void Read(byte[] message, params ReadOnlySpan<(int Number, Action<CodedInputStream> Take)> fields)
    {
        try
        {
            CodedInputStream from = new(message);
            while (from.ReadTag() is > 0 and uint tag)
            {
                if (Find(fields, WireFormat.GetTagFieldNumber(tag)) is { } take)
                    take(from);
                else
                    from.SkipLastField();
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return; // what was read until here counts
        }
    }

    private static Action<CodedInputStream>? Find(ReadOnlySpan<(int Number, Action<CodedInputStream> Take)> fields, int number)
    {
        foreach ((int known, Action<CodedInputStream> take) in fields)
        {
            if (known == number)
                return take;
        }

        return null;
    }
}
