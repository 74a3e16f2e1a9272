namespace CriRuntime.Streaming;

/// <summary>A terminal's size in characters.</summary>
public readonly record struct TerminalSize(ushort Width, ushort Height);
