using System.Net.Http.Headers;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Auth;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry;

/// <summary>One pull's requests to one endpoint: authorised, tried again while that makes sense.</summary>
internal sealed class EndpointSession
{
    private readonly RegistryOptions _options;
    private readonly IRegistryObserver _observer;
    private readonly RegistrySender _sender;
    private readonly RegistryAuthorizer _authorizer;
    private readonly RetrySchedule _schedule;
    private readonly string _image;
    private readonly Uri _repository;
    private volatile bool _givenUp;

    public EndpointSession(
        RegistryEndpoint endpoint, Reference image, RegistryCredentials? credentials,
        RegistryTransports transports, RegistryOptions options, IRegistryObserver observer)
    {
        Endpoint = endpoint;
        _options = options;
        _observer = observer;
        _sender = new RegistrySender(transports);
        _authorizer = new RegistryAuthorizer(endpoint, image, credentials, _sender, options.UserAgent);
        _schedule = new RetrySchedule(options.RetryDelay, options.MaxRetryDelay);
        _image = image.ToString();
        _repository = new Uri(endpoint.Root, image.Path + "/");
        // Mirrors learn which registry is meant, as containerd tells them.
        Namespace = endpoint.IsMirror ? "?ns=" + Uri.EscapeDataString(image.Domain) : "";
    }

    public RegistryEndpoint Endpoint { get; }

    /// <summary>True for a mirror that failed in a way that the next request would meet again.</summary>
    public bool GivenUp => _givenUp;

    private string Namespace { get; }

    /// <summary>Asks this endpoint no more during the pull; the registry itself is always asked.</summary>
    public void GiveUp() => _givenUp = Endpoint.IsMirror;

    /// <summary>
    /// GETs a path of the repository and lets <paramref name="accept"/> read the successful response, which it then
    /// owns. Transient failures, of reading too, are tried again.
    /// </summary>
    /// <exception cref="RegistryAttemptException">The last failure.</exception>
    public async Task<T> GetAsync<T>(
        RepositoryPath path, Func<RegistryResponse, CancellationToken, Task<T>> accept, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            RegistryAttemptException failure;
            try
            {
                return await TryAsync(path, accept, cancellationToken).ConfigureAwait(false);
            }
            catch (RegistryAttemptException e)
            {
                failure = e;
            }
            TimeSpan? delay = _schedule.DelayAfter(attempt, failure.RetryAfter);
            if (!failure.Transient || attempt >= AttemptsAfter(failure) || delay is null)
                throw failure;
            _observer.Retrying(_image, Endpoint.Host, failure.Message, delay.Value);
            await Task.Delay(delay.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A mirror that does not answer is not waited for: there is another endpoint.</summary>
    private int AttemptsAfter(RegistryAttemptException failure) =>
        Endpoint.IsMirror ? (failure.Answered ? Math.Min(2, _options.MaxAttempts) : 1) : _options.MaxAttempts;

    private async Task<T> TryAsync<T>(
        RepositoryPath path, Func<RegistryResponse, CancellationToken, Task<T>> accept, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ResponseTimeout);
        try
        {
            RegistryResponse response = await SendAuthorizedAsync(path, limit.Token).ConfigureAwait(false);
            return await accept(response, limit.Token).ConfigureAwait(false);
        }
        catch (ImageException e)
        {
            throw new RegistryAttemptException(e.Kind, e.Message, e.InnerException);
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw RegistryFailure.From(Endpoint.Host, e);
        }
    }

    private async Task<RegistryResponse> SendAuthorizedAsync(RepositoryPath path, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? sent = _authorizer.Current;
        RegistryResponse response = await SendAsync(path, sent, cancellationToken).ConfigureAwait(false);
        if (response.Status == 401 && response.FromRegistry
            && await AnswerAsync(response, sent, cancellationToken).ConfigureAwait(false))
        {
            response.Dispose();
            response = await SendAsync(path, _authorizer.Current, cancellationToken).ConfigureAwait(false);
        }
        if (response.Message.IsSuccessStatusCode)
            return response;
        using RegistryResponse failed = response;
        throw await RegistryFailure.FromAsync(failed, _authorizer.Secrets, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> AnswerAsync(
        RegistryResponse response, AuthenticationHeaderValue? sent, CancellationToken cancellationToken)
    {
        try
        {
            return await _authorizer.AnswerAsync(AuthChallenge.Of(response.Message.Headers), sent, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private Task<RegistryResponse> SendAsync(
        RepositoryPath path, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken) =>
        _sender.SendAsync(
            new RegistryRequest(new Uri(_repository, path.Relative + Namespace))
            {
                Accept = path.Accept,
                Offset = path.Offset,
                Authorization = authorization,
                UserAgent = _options.UserAgent,
            },
            cancellationToken);
}

/// <summary>What is asked of a repository: a path under it, from a byte on.</summary>
internal sealed record RepositoryPath(string Relative)
{
    public IReadOnlyList<string> Accept { get; init; } = [];

    public long Offset { get; init; }
}
