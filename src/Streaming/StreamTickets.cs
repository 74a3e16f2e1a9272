using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CriRuntime.Streaming;

/// <summary>
/// Requests (of Exec, Attach, PortForward) that wait for their client to come to the URL that carries their token.
/// A token has 192 random bits, is redeemed once, and expires. Safe for concurrent use.
/// </summary>
/// <param name="lifetime">How long a token may wait; the kubelet's is one minute.</param>
/// <param name="limit">How many tokens may wait at once; the kubelet's is 1000.</param>
/// <param name="clock">Where the time comes from.</param>
public sealed class StreamTickets<T>(TimeSpan lifetime, int limit, TimeProvider clock)
{
    private const int TokenBytes = 24;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    // All live equally long, so that the order of issue is the order of expiry. Holds redeemed tokens too, until they expire.
    private readonly Queue<(string Token, long Issued)> _order = new();

    /// <summary>Tokens issued and neither redeemed nor expired.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                DropExpired();
                return _waiting.Count;
            }
        }
    }

    /// <summary>Keeps the request and returns its token: 32 characters of base64url.</summary>
    /// <exception cref="StreamingException">ResourceExhausted: as many as allowed wait already.</exception>
    public string Issue(T request)
    {
        Span<byte> random = stackalloc byte[TokenBytes];
        RandomNumberGenerator.Fill(random);
        string token = Base64Url.EncodeToString(random);
        lock (_gate)
        {
            DropExpired();
            if (_waiting.Count >= limit)
            {
                throw new StreamingException(StreamingErrorKind.ResourceExhausted, $"{limit} streaming requests wait for their clients; retry when some have connected or expired ({lifetime.TotalSeconds:0} s).");
            }

            long now = clock.GetTimestamp();
            _waiting.Add(token, new Waiting(request, now));
            _order.Enqueue((token, now));
            return token;
        }
    }

    /// <summary>Takes the request of a token, once. False for a token that is unknown, used or expired: which, is not told.</summary>
    public bool TryRedeem(string token, [MaybeNullWhen(false)] out T request)
    {
        lock (_gate)
        {
            DropExpired();
            if (_waiting.Remove(token, out Waiting found))
            {
                request = found.Request;
                return true;
            }
        }

        request = default;
        return false;
    }

    private void DropExpired()
    {
        while (_order.TryPeek(out (string Token, long Issued) oldest)
            && (clock.GetElapsedTime(oldest.Issued) >= lifetime || !_waiting.ContainsKey(oldest.Token)))
        {
            _order.Dequeue();
            _waiting.Remove(oldest.Token);
        }

        if (_order.Count > (2 * limit) + 16)
        {
            ForgetRedeemed();
        }
    }

    /// <summary>One token that nobody fetches must not hold up a queue of thousands behind it that were.</summary>
    private void ForgetRedeemed()
    {
        for (int left = _order.Count; left > 0; left--)
        {
            (string Token, long Issued) item = _order.Dequeue();
            if (_waiting.ContainsKey(item.Token))
            {
                _order.Enqueue(item);
            }
        }
    }

    private readonly record struct Waiting(T Request, long Issued);
}
