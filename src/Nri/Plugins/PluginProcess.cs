using System.Net.Sockets;
using CriRuntime.Linux;

namespace CriRuntime.Nri.Plugins;

/// <summary>A plugin that the runtime has started: it finds its connection as descriptor 3, and its name in its environment.</summary>
internal sealed class PluginProcess : IDisposable
{
    private readonly SpawnedGroup _group;

    private PluginProcess(SpawnedGroup group, Stream trunk)
    {
        _group = group;
        Trunk = trunk;
    }

    /// <summary>The runtime's end of the connection.</summary>
    internal Stream Trunk { get; }

    /// <exception cref="LinuxException">It can't be executed.</exception>
    internal static PluginProcess Start(string program, PluginIdentity identity)
    {
        (Socket ours, FileDescriptor theirs) = StreamSocketPair.Create();
        try
        {
            SpawnedGroup group = SpawnedGroup.Start(new SpawnOptions(program, [program])
            {
                Environment = [$"NRI_PLUGIN_NAME={identity.BaseName}", $"NRI_PLUGIN_IDX={identity.Index}", "NRI_PLUGIN_SOCKET=3"],
                Descriptors = [null, null, null, theirs],
            });
            return new PluginProcess(group, new NetworkStream(ours, ownsSocket: true));
        }
        catch
        {
            ours.Dispose();
            throw;
        }
        finally
        {
            theirs.Dispose();
        }
    }

    /// <summary>Kills it and all that it has started.</summary>
    public void Dispose() => _group.Dispose();
}
