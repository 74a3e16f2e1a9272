namespace CriRuntime.Streaming.Http;

/// <summary>An upgraded connection and the protocol that was agreed on.</summary>
internal readonly record struct HttpContextUpgrade(IUpgradedTransport Transport, string Protocol);
