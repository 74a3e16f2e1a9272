namespace CriRuntime.Cni;

/// <summary>What identifies an attachment for GC: the sandbox's id and the interface's name in it.</summary>
public readonly record struct CniAttachmentId(string ContainerId, string IfName = "eth0");
