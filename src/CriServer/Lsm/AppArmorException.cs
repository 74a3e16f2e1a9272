namespace CriRuntime.CriServer.Lsm;

/// <summary>AppArmor is enabled and cannot be used; the message says why and what to do.</summary>
public sealed class AppArmorException(string message, Exception? inner = null) : Exception(message, inner);
