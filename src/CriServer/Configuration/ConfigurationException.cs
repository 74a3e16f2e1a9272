namespace CriRuntime.CriServer.Configuration;

/// <summary>A configuration that the daemon refuses to start with. The message names the source (file, variable or option), the key and the remedy.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
