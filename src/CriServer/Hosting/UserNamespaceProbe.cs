using System.Globalization;
using CriRuntime.CriServer.Images;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;

namespace CriRuntime.CriServer.Hosting;

/// <summary>Asks kernel and image store whether containers can have user namespaces: their layers must be mountable with mapped ids.</summary>
internal static class UserNamespaceProbe
{
    private const string Limit = "/proc/sys/user/max_user_namespaces";

    /// <summary>overlayfs over idmapped layers.</summary>
    private static readonly Version Needed = new(5, 19);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>Null, or what stands in the way.</returns>
    internal static async Task<string?> RunAsync(RuntimeSettings settings, ImageDirectories images, HostFacts host)
    {
        if (host.Kernel < Needed)
            return $"Linux {host.Kernel} has no overlays of idmapped layers ({Needed} has)";
        if (!File.Exists(Limit) || long.Parse(await File.ReadAllTextAsync(Limit).ConfigureAwait(false), CultureInfo.InvariantCulture) == 0)
            return $"{Limit} is 0";
        try
        {
            Directory.CreateDirectory(images.Images);
            using SpawnedProcess probe = SpawnedProcess.Start(new SpawnOptions(settings.ConmonPath, ["cri-conmon", "--probe-idmap", images.Images]) { Environment = [] });
            ExitStatus status = await probe.Exited.WaitAsync(Patience).ConfigureAwait(false);
            return status.ExitCode == 0 ? null : $"idmapped mounts of {images.Images}: {(Errno)status.ExitCode}";
        }
        catch (Exception e) when (e is LinuxException or IOException or TimeoutException)
        {
            return e.Message;
        }
    }
}
