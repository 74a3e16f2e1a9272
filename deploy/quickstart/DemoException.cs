namespace CriRuntime.Quickstart;

/// <summary>The demo saw something other than what a working runtime shows; the message says what.</summary>
internal sealed class DemoException(string message) : Exception(message);
