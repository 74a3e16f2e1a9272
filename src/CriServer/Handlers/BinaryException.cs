namespace CriRuntime.CriServer.Handlers;

/// <summary>Another runtime's binary has failed: the message names it and what it said.</summary>
public sealed class BinaryException(string message) : IOException(message);
