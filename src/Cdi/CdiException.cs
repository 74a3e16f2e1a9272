namespace CriRuntime.Cdi;

/// <summary>A device that cannot be given to a container; the message names the device, and the file where one is at fault.</summary>
public sealed class CdiException(string message, Exception? inner = null) : Exception(message, inner);
