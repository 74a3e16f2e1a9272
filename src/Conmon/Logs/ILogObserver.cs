using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Logs;

/// <summary>Hears of output that a log loses.</summary>
internal interface ILogObserver
{
    /// <param name="kind">What began or ended.</param>
    /// <param name="error">Why writing failed.</param>
    /// <param name="lostBytes">For this reason, so far.</param>
    void OnTrouble(LogTroubleKind kind, Errno error, long lostBytes);
}
