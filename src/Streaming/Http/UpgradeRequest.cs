using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace CriRuntime.Streaming.Http;

/// <summary>What a request's headers say about the protocol that it wants, and how a refusal is answered.</summary>
internal static class UpgradeRequest
{
    internal const string Spdy = "SPDY/3.1";
    internal const string ProtocolVersionHeader = "X-Stream-Protocol-Version";
    private const string AcceptedVersionsHeader = "X-Accepted-Stream-Protocol-Versions";

    internal static bool WantsWebSocket(HttpRequest request) =>
        string.Equals(request.Headers.Upgrade.ToString().Trim(), "websocket", StringComparison.OrdinalIgnoreCase);

    internal static bool WantsSpdy(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && context.Request.Headers.Upgrade.ToString().Contains(Spdy, StringComparison.OrdinalIgnoreCase);

    /// <summary>The values of a header that is a comma-separated list, or comes several times, or both.</summary>
    internal static IReadOnlyList<string> List(StringValues header) =>
        [.. header.SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The first of the client's protocols that is supported. Null: none is.</summary>
    internal static string? Choose(IReadOnlyList<string> wanted, IReadOnlyList<string> supported) => wanted.FirstOrDefault(supported.Contains);

    /// <summary>
    /// Upgrades to SPDY/3.1 with one of the protocols; without the client's naming any, with <paramref name="unnamed"/>. Null: refused and answered, as
    /// Kubernetes' servers do.
    /// </summary>
    internal static async Task<HttpContextUpgrade?> UpgradeToSpdyAsync(HttpContext context, IReadOnlyList<string> supported, string unnamed)
    {
        if (!WantsSpdy(context))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"unable to upgrade: this URL wants 'Connection: Upgrade' with 'Upgrade: {Spdy}' or 'Upgrade: websocket'");
            return null;
        }

        IReadOnlyList<string> wanted = List(context.Request.Headers[ProtocolVersionHeader]);
        string? protocol = wanted.Count == 0 ? unnamed : Choose(wanted, supported);
        if (protocol is null)
        {
            context.Response.Headers[AcceptedVersionsHeader] = new StringValues([.. supported]);
            await RefuseAsync(
                context,
                StatusCodes.Status403Forbidden,
                $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', wanted)}], server accepts [{string.Join(' ', supported)}]");
            return null;
        }

        if (wanted.Count > 0)
            context.Response.Headers[ProtocolVersionHeader] = protocol;
        context.Response.Headers.Upgrade = Spdy;
        return new HttpContextUpgrade(await HttpUpgradeTransport.UpgradeAsync(context), protocol);
    }

    internal static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
