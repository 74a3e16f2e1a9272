using System.Net;
using CriRuntime.Cni.Configuration;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Network;

/// <param name="ConfDir">Where the network configuration is written.</param>
/// <param name="Template">The template's path; empty when the node's subnets are somebody else's business, as with most network add-ons.</param>
public sealed record NodeNetworkSettings(string ConfDir, string Template);

/// <summary>What becomes of the pod subnets that the kubelet passes on (UpdateRuntimeConfig): with a template configured, the pod network's configuration.</summary>
public sealed partial class NodeNetwork(IPodNetwork network, NodeNetworkSettings settings, ILogger<NodeNetwork> logger)
{
    /// <summary>Name of the file that is written. A network add-on that wants precedence uses a name that sorts before it.</summary>
    internal const string FileName = "10-criruntime-pods.conflist";

    private readonly Lock _writing = new();

    /// <summary>
    /// Writes the configuration when its content changes. A node that already has a network from somewhere else keeps it.
    /// </summary>
    /// <param name="podCidr">Comma-separated subnets; empty: nothing to do.</param>
    /// <exception cref="CriException">InvalidArgument: not subnets. FailedPrecondition: the template or the directory cannot be used.</exception>
    public void Update(string podCidr)
    {
        IReadOnlyList<IPNetwork> cidrs = PodCidrs.Parse(podCidr);
        if (cidrs.Count == 0 || settings.Template.Length == 0)
            return;
        string file = Path.Combine(settings.ConfDir, FileName);
        lock (_writing)
        {
            if (!File.Exists(file) && network.NotReadyReason is null)
            {
                LogKept(logger, podCidr, settings.ConfDir);
                return;
            }

            Write(file, cidrs, podCidr);
        }
    }

    private void Write(string file, IReadOnlyList<IPNetwork> cidrs, string podCidr)
    {
        try
        {
            byte[] content = NetworkTemplate.Fill(File.ReadAllBytes(settings.Template), cidrs);
            if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(content))
                return;
            Directory.CreateDirectory(settings.ConfDir);
            StateFile.WriteDurably(file, content);
            LogWritten(logger, file, podCidr);
        }
        catch (FormatException e)
        {
            throw CriException.FailedPrecondition($"cni.template {settings.Template} gives no network configuration: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CriException.FailedPrecondition($"the network configuration for {podCidr} could not be written: {e.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "pod subnets {PodCidr}: wrote {File} from the template")]
    private static partial void LogWritten(ILogger logger, string file, string podCidr);

    [LoggerMessage(Level = LogLevel.Information, Message = "pod subnets {PodCidr}: the node has a network by another file in {Directory}, which is kept")]
    private static partial void LogKept(ILogger logger, string podCidr, string directory);
}
