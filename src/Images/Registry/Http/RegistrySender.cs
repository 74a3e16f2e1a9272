namespace CriRuntime.Images.Registry.Http;

/// <summary>Sends one request and follows its redirects by the policy. The response's body is not read yet.</summary>
internal sealed class RegistrySender(RegistryTransports transports)
{
    public async Task<RegistryResponse> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        RegistryRequest current = request;
        for (int hop = 0; hop <= RedirectPolicy.MaxHops; hop++)
        {
            using HttpRequestMessage message = current.ToMessage();
            HttpResponseMessage response = await transports.For(current.Target)
                .SendAsync(message, cancellationToken).ConfigureAwait(false);
            if (!RedirectPolicy.IsRedirect(response.StatusCode))
                return new RegistryResponse(response, current.Target, RedirectPolicy.SameOrigin(request.Target, current.Target));
            Uri? location = response.Headers.Location;
            response.Dispose();
            current = RedirectPolicy.Follow(current, location);
        }
        throw RedirectPolicy.TooMany(current);
    }
}
