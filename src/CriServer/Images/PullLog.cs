using CriRuntime.Images.Registry;

namespace CriRuntime.CriServer.Images;

/// <summary>Writes what goes wrong with registries to the log, as it happens.</summary>
internal sealed class PullLog(ILogger logger) : IRegistryObserver
{
    public void Retrying(string image, string host, string reason, TimeSpan delay) =>
        Log.Retrying(logger, image, host, reason, delay.TotalSeconds);

    public void MirrorFailed(string image, string host, string reason) => Log.MirrorFailed(logger, image, host, reason);
}
