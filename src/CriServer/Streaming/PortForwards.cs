using System.Net;
using System.Net.Sockets;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Streaming;

/// <summary>Connections to ports on a pod's loopback, made from inside its network namespace (IPv4 first, then IPv6).</summary>
public sealed class PortForwards(RuntimeState state)
{
    private static readonly IPAddress[] Loopbacks = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <exception cref="CriException">NotFound; FailedPrecondition unless the pod is ready.</exception>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    public async Task<Socket> ConnectAsync(string sandboxId, int port, CancellationToken cancellationToken)
    {
        PodSandbox pod = state.Pods.Get(sandboxId);
        if (pod.Phase != SandboxPhase.Ready)
            throw CriException.FailedPrecondition($"{pod} is {pod.Phase}, not Ready");
        SocketException? refusal = null;
        foreach (IPAddress address in Loopbacks)
        {
            Socket socket = await CreateAsync(pod, address.AddressFamily).ConfigureAwait(false);
            try
            {
                await socket.ConnectAsync(address, port, cancellationToken).ConfigureAwait(false);
                socket.NoDelay = true;
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                refusal ??= e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new IOException($"port {port} of {pod}: {refusal!.Message}", refusal);
    }

    private Task<Socket> CreateAsync(PodSandbox pod, AddressFamily family) => pod.HostNetwork
        ? Task.FromResult(Create(family))
        : NetworkNamespace.RunAsync(state.Directories.Namespace(pod.Id, "net"), () => Create(family));

    private static Socket Create(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);
}
