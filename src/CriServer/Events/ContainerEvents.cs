using System.Threading.Channels;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Events;

/// <summary>
/// Tells subscribers what becomes of containers and pods, from the changes of the published state. Nobody waits for a subscriber: one that
/// lags by more than <see cref="Capacity"/> events loses its subscription and is told so, because a gap that nobody notices is worse.
/// </summary>
public sealed class ContainerEvents : IDisposable
{
    internal const int Capacity = 1000;

    private readonly RuntimeState _state;
    private readonly Lock _gate = new();
    private Channel<ContainerEvent>[] _subscribers = [];
    private bool _stopped;

    public ContainerEvents(RuntimeState state)
    {
        _state = state;
        state.Containers.Changed += OnContainerChanged;
        state.Pods.Changed += OnPodChanged;
    }

    /// <summary>Events from now on.</summary>
    /// <exception cref="CriException">Unavailable: the daemon stops.</exception>
    public Subscription Subscribe()
    {
        Channel<ContainerEvent> channel = Channel.CreateBounded<ContainerEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        lock (_gate)
        {
            if (_stopped)
                throw Stopping();
            _subscribers = [.. _subscribers, channel];
        }

        return new Subscription(this, channel);
    }

    /// <summary>Ends all subscriptions.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (Channel<ContainerEvent> channel in _subscribers)
                channel.Writer.TryComplete(Stopping());
        }
    }

    private static CriException Stopping() => new(CriErrorKind.Unavailable, "the daemon is stopping; subscribe again when it is back, and list");

    private void Remove(Channel<ContainerEvent> channel)
    {
        lock (_gate)
            _subscribers = [.. _subscribers.Where(one => one != channel)];
    }

    // Both are called with a lock of the state held.
    private void OnContainerChanged(Container? old, Container? changed)
    {
        if (_subscribers.Length == 0 || KindOf(old, changed) is not { } kind)
            return;
        Container container = (changed ?? old)!;
        if (_state.Pods.Current.GetValueOrDefault(container.SandboxId) is { } pod)
            Publish(kind, container.Id, pod);
    }

    private void OnPodChanged(PodSandbox? old, PodSandbox? changed)
    {
        if (_subscribers.Length == 0)
            return;
        PodSandbox pod = (changed ?? old)!;
        if (old?.Phase == SandboxPhase.Creating && changed?.Phase == SandboxPhase.Ready)
        {
            Publish(ContainerEventKind.Created, pod.Id, pod);
            Publish(ContainerEventKind.Started, pod.Id, pod);
        }
        else if (old?.Phase == SandboxPhase.Ready && changed is { Phase: not SandboxPhase.Ready })
        {
            Publish(ContainerEventKind.Stopped, pod.Id, pod);
        }
        else if (changed is null && pod.Phase != SandboxPhase.Creating)
        {
            Publish(ContainerEventKind.Deleted, pod.Id, pod);
        }
    }

    private static ContainerEventKind? KindOf(Container? old, Container? changed) => (old?.Phase, changed?.Phase) switch
    {
        (ContainerPhase.Creating, ContainerPhase.Created) => ContainerEventKind.Created,
        (ContainerPhase.Created, ContainerPhase.Running) => ContainerEventKind.Started,
        (ContainerPhase.Created or ContainerPhase.Running, ContainerPhase.Exited) => ContainerEventKind.Stopped,
        (not null and not ContainerPhase.Creating, null) => ContainerEventKind.Deleted,
        _ => null,
    };

    // The kubelet keeps of each pod the status with the newest time and drops older ones, whatever they say. So the time is taken before the
    // statuses are read, and one event after the other: what is newer by its time is newer in what it says.
    private void Publish(ContainerEventKind kind, string id, PodSandbox pod)
    {
        lock (_gate)
        {
            long time = _state.Now();
            PodSandbox current = _state.Pods.Current.GetValueOrDefault(pod.Id, pod);
            ContainerEvent one = new(kind, id, time, current, _state.NewestFirst(pod.Id));
            foreach (Channel<ContainerEvent> channel in _subscribers)
            {
                if (!channel.Writer.TryWrite(one))
                {
                    channel.Writer.TryComplete(new CriException(
                        CriErrorKind.ResourceExhausted, $"events were lost: more than {Capacity} wait for this client; subscribe again, and list to see what is"));
                }
            }
        }
    }

    /// <summary>One subscriber's events. Dispose ends it.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly ContainerEvents _events;
        private readonly Channel<ContainerEvent> _channel;

        internal Subscription(ContainerEvents events, Channel<ContainerEvent> channel)
        {
            _events = events;
            _channel = channel;
        }

        /// <exception cref="CriException">ResourceExhausted: this subscriber was too slow; Unavailable: the daemon stops.</exception>
        public IAsyncEnumerable<ContainerEvent> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);

        public void Dispose() => _events.Remove(_channel);
    }
}
