namespace CriRuntime.Cni;

/// <summary>Whether pods can be given a network, as the CRI's NetworkReady condition reports it.</summary>
/// <param name="Ready">True when a configuration is loaded, its plugins are there, and STATUS (where the configuration has it) was answered well.</param>
/// <param name="Reason">Empty when ready; else what is wrong, naming directory or file, and the cause.</param>
/// <param name="Network">The pod network's name, null when none could be loaded.</param>
public sealed record CniReadiness(bool Ready, string Reason, string? Network);
