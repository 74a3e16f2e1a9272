using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Network;

/// <summary>
/// What must outlive a reboot of the node: the pod that existed, and the CNI DEL that is owed for it. Written before the
/// CNI ADD, deleted with the pod. After the DEL it stays as it is: a second DEL does no harm, a lost one leaks an address.
/// </summary>
/// <param name="NetnsPath">The pinned network namespace; gone after a reboot, and CNI still wants to be told. Empty with host networking.</param>
/// <param name="BootId">The boot in which the pod was made.</param>
public sealed record OwedRecord(int Version, PodSandbox Pod, string NetnsPath, string BootId);
