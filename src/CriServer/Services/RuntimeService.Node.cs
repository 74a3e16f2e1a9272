using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.State;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>The runtime and the node.</content>
public sealed partial class RuntimeService
{
    public override Task<Cri.VersionResponse> Version(Cri.VersionRequest request, ServerCallContext context) =>
        Task.FromResult(new Cri.VersionResponse
        {
            Version = "0.1.0", // of the kubelet's side of the API: every runtime answers this, and the kubelet checks it
            RuntimeName = "criruntime",
            RuntimeVersion = RuntimeVersion.Text,
            RuntimeApiVersion = "v1",
        });

    public override async Task<Cri.StatusResponse> Status(Cri.StatusRequest request, ServerCallContext context)
    {
        string? networkReason = network.NotReadyReason;
        IReadOnlyList<(string Name, HandlerFeatures Features)> usable = await handlers.UsableAsync().ConfigureAwait(false);
        bool userNamespacesWork = usable.Any(handler => handler.Features.UserNamespaces);
        Cri.StatusResponse response = new()
        {
            Status = new Cri.RuntimeStatus
            {
                Conditions =
                {
                    new Cri.RuntimeCondition { Type = "RuntimeReady", Status = true },
                    new Cri.RuntimeCondition
                    {
                        Type = "NetworkReady",
                        Status = networkReason is null,
                        Reason = networkReason is null ? "" : "NetworkPluginNotReady",
                        Message = networkReason ?? "",
                    },
                },
            },
            RuntimeHandlers = { usable.Select(handler => Handler(handler.Name, handler.Features)) },
            Features = new Cri.RuntimeFeatures { SupplementalGroupsPolicy = true, MountOptions = true, UserNamespacesHostNetwork = userNamespacesWork },
        };
        if (request.Verbose)
            response.Info["config"] = StateJson.Describe(state.Settings);
        return response;
    }

    public override Task<Cri.RuntimeConfigResponse> RuntimeConfig(Cri.RuntimeConfigRequest request, ServerCallContext context) =>
        Task.FromResult(new Cri.RuntimeConfigResponse
        {
            Linux = new Cri.LinuxRuntimeConfiguration { CgroupDriver = state.Settings.CgroupDriver == CgroupDriver.Systemd ? Cri.CgroupDriver.Systemd : Cri.CgroupDriver.Cgroupfs },
        });

    /// <summary>The kubelet passes on its node's pod subnets; no other part of the configuration can be changed this way.</summary>
    public override Task<Cri.UpdateRuntimeConfigResponse> UpdateRuntimeConfig(Cri.UpdateRuntimeConfigRequest request, ServerCallContext context)
    {
        nodeNetwork.Update(request.RuntimeConfig?.NetworkConfig?.PodCidr ?? "");
        return Task.FromResult(new Cri.UpdateRuntimeConfigResponse());
    }

    private static Cri.RuntimeHandler Handler(string name, HandlerFeatures features) => new()
    {
        Name = name,
        Features = new Cri.RuntimeHandlerFeatures { RecursiveReadOnlyMounts = features.RecursiveReadOnlyMounts, UserNamespaces = features.UserNamespaces },
    };
}

/// <summary>This program's version, as <c>Directory.Build.props</c> has it.</summary>
internal static class RuntimeVersion
{
    public static string Text { get; } = typeof(RuntimeVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
