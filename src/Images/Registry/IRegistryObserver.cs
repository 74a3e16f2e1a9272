using CriRuntime.Images.Manifests;

namespace CriRuntime.Images.Registry;

/// <summary>
/// What a client tells of its work, for metrics and logs. Called on the thread that does the work, from several at
/// once; must return quickly and not throw. No text holds a secret.
/// </summary>
public interface IRegistryObserver
{
    /// <summary>Bytes of a blob came from the network (a resumed download may bring some twice).</summary>
    void BytesReceived(string image, Descriptor blob, int count)
    {
    }

    /// <summary>A try failed and another will follow after the delay.</summary>
    void Retrying(string image, string host, string reason, TimeSpan delay)
    {
    }

    /// <summary>A mirror did not serve the image; the next endpoint is asked.</summary>
    void MirrorFailed(string image, string host, string reason)
    {
    }
}

/// <summary>Hears nothing.</summary>
internal sealed class SilentObserver : IRegistryObserver
{
    public static SilentObserver Instance { get; } = new();
}
