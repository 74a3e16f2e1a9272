using CriRuntime.Linux;

namespace CriRuntime.CriServer.Configuration;

/// <summary>Paths that follow from the configured ones.</summary>
public static class ServerConfigurationPaths
{
    /// <summary>The CRI socket as a plain path.</summary>
    public static string SocketPath(this ServerConfiguration configuration)
    {
        string listen = configuration.Listen;
        if (listen.StartsWith("unix://", StringComparison.Ordinal))
            listen = listen["unix://".Length..];
        return listen.Length > 0 ? listen : Path.Combine(configuration.Run, "criruntime.sock");
    }

    public static string CniCachePath(this ServerConfiguration configuration) =>
        configuration.Cni.CacheDir.Length > 0 ? configuration.Cni.CacheDir : Path.Combine(configuration.Root, "cni");

    /// <summary>The monitor program: the configured one, the one beside this program, or the first in PATH.</summary>
    /// <exception cref="ConfigurationException">It is nowhere.</exception>
    public static string ConmonPath(this ServerConfiguration configuration)
    {
        if (configuration.Conmon.Length > 0)
        {
            return File.Exists(configuration.Conmon)
                ? configuration.Conmon
                : throw new ConfigurationException($"key 'conmon': {configuration.Conmon} does not exist; name the cri-conmon program, or leave the key out to use the one beside criruntime");
        }

        return HostPrograms.Find(Path.Combine(AppContext.BaseDirectory, "cri-conmon")) ?? HostPrograms.Find("cri-conmon")
            ?? throw new ConfigurationException("cri-conmon is neither beside criruntime nor in PATH; set the key 'conmon' or --conmon");
    }
}
