using System.Text.Json.Nodes;

namespace CriRuntime.E2e.Harness;

/// <summary>Other runtimes for runtime handlers: those of the distribution, and scripts that misbehave.</summary>
internal static class Binaries
{
    internal const string Runc = "runc";
    internal const string Crun = "crun";

    /// <summary>Where cgroup v2 is mounted beside v1, which crun refuses.</summary>
    private const string Hybrid = "/sys/fs/cgroup/unified";

    /// <summary>Handlers <c>runc</c> and <c>crun</c>.</summary>
    internal static JsonObject Both(Daemon daemon) => new() { [Runc] = new JsonObject(), [Crun] = new JsonObject { ["path"] = CrunPath(daemon) } };

    /// <summary>crun itself; on hosts of two cgroup versions one that does not see the second. All other mounts keep their peers.</summary>
    internal static string CrunPath(Daemon daemon) => Directory.Exists(Hybrid)
        ? Script(daemon, "crun-on-v1", $"[ \"$1\" = features ] && exec crun \"$@\"\nexec unshare --mount --propagation unchanged sh -c 'mount --make-private {Path.GetDirectoryName(Hybrid)} && umount {Hybrid} && exec crun \"$@\"' crun \"$@\"")
        : Crun;

    /// <summary>An executable shell script in the daemon's directory.</summary>
    /// <returns>Its path.</returns>
    internal static string Script(Daemon daemon, string name, string body)
    {
        string path = Path.Combine(daemon.Base, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Configures the handlers of a daemon that is not started yet.</summary>
    internal static void Configure(Daemon daemon, JsonObject runtimes, string? byDefault = null) =>
        File.WriteAllText(daemon.ConfigFile, new JsonObject { ["runtimes"] = runtimes, ["defaultRuntime"] = byDefault ?? "" }.ToJsonString());
}
