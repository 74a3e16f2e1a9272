namespace CriRuntime.Cni.Configuration;

/// <summary>A network configuration that cannot be used; the message says why, without the file's name.</summary>
internal sealed class NetworkConfigException(string message, Exception? inner = null) : Exception(message, inner);
