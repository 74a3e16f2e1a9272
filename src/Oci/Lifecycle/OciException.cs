namespace CriRuntime.Oci.Lifecycle;

/// <summary>An operation that cannot be done: no such container, one of that name exists, it is in the wrong state. The message is for people.</summary>
public sealed class OciException(string message) : Exception(message);
