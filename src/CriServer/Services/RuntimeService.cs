using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Metrics;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Streaming;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>
/// The CRI's RuntimeService: translation and nothing else, one file per group of calls. What is not overridden answers UNIMPLEMENTED.
/// </summary>
public sealed partial class RuntimeService(
    RuntimeState state,
    MonitorRegistry monitors,
    IPodNetwork network,
    NodeNetwork nodeNetwork,
    SandboxOperations sandboxes,
    ContainerOperations containers,
    CheckpointOperations checkpoints,
    ContainerSpecs specs,
    IStatsSource stats,
    IssueStreams issueStreams,
    ContainerEvents events,
    PodMetrics metrics,
    RuntimeHandlers handlers,
    RecoveryGate recovery) : Cri.RuntimeService.RuntimeServiceBase;

/// <summary>What can be done with pods, one class per verb.</summary>
public sealed record SandboxOperations(RunSandbox Run, StopSandbox Stop, RemoveSandbox Remove, UpdateSandbox Update);

/// <summary>What can be done with containers, one class per verb.</summary>
public sealed record ContainerOperations(
    CreateContainer Create, StartContainer Start, StopContainer Stop, RemoveContainer Remove, UpdateContainer Update, ReopenLog ReopenLog, ExecSync ExecSync);

/// <summary>What can be done with checkpoints.</summary>
public sealed record CheckpointOperations(CheckpointContainer Container, CheckpointPod Pod, RestorePod RestorePod);
