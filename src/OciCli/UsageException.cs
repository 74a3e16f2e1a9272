namespace CriRuntime.OciCli;

/// <summary>A command line that is wrong; the message says where.</summary>
internal sealed class UsageException(string message) : Exception(message);
