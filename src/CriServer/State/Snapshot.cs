using System.Collections.Immutable;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.State;

/// <summary>
/// Objects by id, published as one immutable dictionary that is swapped whole: readers take <see cref="Current"/>
/// and need no lock; writers come one at a time. A change is validated, persisted and only then published.
/// </summary>
/// <typeparam name="T">An immutable record.</typeparam>
/// <param name="kind">What the objects are called in messages: <c>pod sandbox</c>, <c>container</c>.</param>
/// <param name="persist">Writes the object to disk; throws to refuse the change.</param>
public sealed class Snapshot<T>(string kind, Func<T, string> id, Action<T> persist)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private ImmutableDictionary<string, T> _current = ImmutableDictionary<string, T>.Empty;

    public ImmutableDictionary<string, T> Current => Volatile.Read(ref _current);

    /// <summary>Raised after each publication (the old object is null for a new one, the new one for a removal), in order, with the writers' lock held: be brief.</summary>
    public event Action<T?, T?>? Changed;

    /// <summary>The object with this id, or the only one whose id begins with it.</summary>
    /// <exception cref="CriException">NotFound, or InvalidArgument for a prefix of several ids.</exception>
    public T Get(string idOrPrefix) =>
        Find(idOrPrefix) ?? throw CriException.NotFound($"{kind} {Shorten(idOrPrefix)} does not exist");

    /// <inheritdoc cref="Get"/>
    /// <returns>Null when there is none.</returns>
    public T? Find(string idOrPrefix)
    {
        ImmutableDictionary<string, T> current = Current;
        if (current.TryGetValue(idOrPrefix, out T? exact))
            return exact;
        if (idOrPrefix.Length is 0 or >= ObjectId.Length)
            return null;
        T? match = null;
        foreach ((string candidate, T value) in current)
        {
            if (!candidate.StartsWith(idOrPrefix, StringComparison.Ordinal))
                continue;
            if (match is not null)
                throw CriException.InvalidArgument($"{kind} id {idOrPrefix} is ambiguous: several begin with it; give more of the id");
            match = value;
        }

        return match;
    }

    /// <summary>Adds an object with a new id.</summary>
    public void Add(T value)
    {
        lock (_gate)
        {
            persist(value);
            Publish(null, value, _current.Add(id(value), value));
        }
    }

    /// <summary>Takes in what already lies on disk.</summary>
    public void Adopt(T value)
    {
        lock (_gate)
            Publish(null, value, _current.SetItem(id(value), value));
    }

    /// <summary>
    /// The one way an object changes. <paramref name="change"/> sees the newest version, and validates: it throws
    /// to refuse, or returns the same object for "nothing to do".
    /// </summary>
    /// <exception cref="CriException">NotFound when there is no such object any more.</exception>
    public T Transition(string objectId, Func<T, T> change)
    {
        lock (_gate)
        {
            if (!_current.TryGetValue(objectId, out T? old))
                throw CriException.NotFound($"{kind} {Shorten(objectId)} does not exist");
            T changed = change(old);
            if (ReferenceEquals(changed, old))
                return old;
            persist(changed);
            Publish(old, changed, _current.SetItem(objectId, changed));
            return changed;
        }
    }

    /// <summary>As <see cref="Transition"/>, for reports about an object that may be gone by now.</summary>
    /// <returns>Null when it is gone.</returns>
    public T? TryTransition(string objectId, Func<T, T> change)
    {
        lock (_gate)
            return _current.ContainsKey(objectId) ? Transition(objectId, change) : null;
    }

    /// <summary>Forgets an object; its files are the caller's business. Fine when it is gone.</summary>
    public void Remove(string objectId)
    {
        lock (_gate)
        {
            if (_current.TryGetValue(objectId, out T? old))
                Publish(old, null, _current.Remove(objectId));
        }
    }

    /// <summary>Waits until the object is as the predicate wants it, or gone (null).</summary>
    public Task<T?> WaitForAsync(string objectId, Func<T, bool> predicate, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            T? now = _current.GetValueOrDefault(objectId);
            if (now is null || predicate(now))
                return Task.FromResult(now);
            Waiter waiter = new(objectId, predicate);
            _waiters.Add(waiter);
            return WaitAsync(waiter, cancellationToken);
        }
    }

    private async Task<T?> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            return await waiter.Reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _waiters.Remove(waiter);
        }
    }

    private void Publish(T? old, T? changed, ImmutableDictionary<string, T> next)
    {
        Volatile.Write(ref _current, next);
        string objectId = id((changed ?? old)!);
        foreach (Waiter waiter in _waiters)
        {
            if (waiter.Id == objectId && (changed is null || waiter.Predicate(changed)))
                waiter.Reached.TrySetResult(changed);
        }

        Changed?.Invoke(old, changed);
    }

    private static string Shorten(string text) => text.Length <= 80 ? $"\"{text}\"" : $"\"{text[..80]}...\"";

    private sealed record Waiter(string Id, Func<T, bool> Predicate)
    {
        public TaskCompletionSource<T?> Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
