using CriRuntime.Linux;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Loop;

/// <summary>Watches what a child that is being set up has to say, as long as that is wanted.</summary>
internal sealed class LaunchStatus(EventLoop loop, LaunchedProcess process, Action onReady) : EventSource(process.Status)
{
    internal void Watch()
    {
        if (Slot < 0)
            loop.Add(this, Readiness.Readable);
    }

    internal void Unwatch() => loop.Remove(this);

    internal override void OnReady(Readiness readiness) => onReady();
}
