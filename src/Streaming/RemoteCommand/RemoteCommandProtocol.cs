namespace CriRuntime.Streaming.RemoteCommand;

/// <summary>The versions of Kubernetes' remote command protocol, by the names that are negotiated, and in what they differ here.</summary>
internal static class RemoteCommandProtocol
{
    internal const string V1 = "channel.k8s.io";
    internal const string V2 = "v2.channel.k8s.io";
    internal const string V3 = "v3.channel.k8s.io";
    internal const string V4 = "v4.channel.k8s.io";
    internal const string V5 = "v5.channel.k8s.io";
    internal const string Base64V1 = "base64.channel.k8s.io";
    internal const string Base64V4 = "v4.base64.channel.k8s.io";

    internal static IReadOnlyList<string> OverSpdy { get; } = [V5, V4, V3, V2, V1];

    internal static IReadOnlyList<string> OverWebSocket { get; } = [V5, V4, Base64V4, V1, Base64V1];

    /// <summary>From v4 on the error channel carries a metav1.Status.</summary>
    internal static bool HasJsonStatus(string protocol) => protocol is V4 or V5 or Base64V4;

    /// <summary>From v3 on a SPDY client with a terminal opens a stream for its sizes.</summary>
    internal static bool HasResizeOverSpdy(string protocol) => protocol is V3 or V4 or V5;

    /// <summary>In v5 a WebSocket client can close a channel.</summary>
    internal static bool HasCloseSignal(string protocol) => protocol is V5;
}
