namespace CriRuntime.Conmon.Protocol;

/// <summary>Bytes that are not what the protocol allows at that place.</summary>
public sealed class ProtocolException(string message) : IOException(message);
