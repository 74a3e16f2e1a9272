namespace CriRuntime.Conmon.Attach;

/// <summary>How much output may wait, in all of a monitor's attachments together, for readers that are slow.</summary>
internal sealed class PendingBudget(int limit = PendingBudget.DefaultLimit)
{
    private const int DefaultLimit = 64 * 1024 * 1024;

    internal int Used { get; private set; }

    internal bool TryTake(int bytes)
    {
        if (bytes > limit - Used)
            return false;
        Used += bytes;
        return true;
    }

    internal void Return(int bytes) => Used -= bytes;
}
