namespace CriRuntime.CriServer.Lsm;

/// <summary>The labels of a pod, which its containers inherit; part of its state, so that no other pod gets its categories while it is there.</summary>
/// <param name="Process">The context of its processes.</param>
/// <param name="Files">The context of its files and mounts (the mount label).</param>
public sealed record SelinuxLabels(string Process, string Files);
