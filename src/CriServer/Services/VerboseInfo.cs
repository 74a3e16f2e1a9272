using System.Text;
using System.Text.Json;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Services;

/// <summary>The "info" of verbose status calls: one JSON object with the keys that crictl users know from containerd and cri-o.</summary>
internal static class VerboseInfo
{
    /// <param name="pid">A process in the pod's namespaces, or 0: there is no infra container.</param>
    public static string OfPod(PodSandbox pod, int pid, int monitorPid, StateDirectories directories) => Write(json =>
    {
        json.WriteString("sandboxId", pod.Id);
        json.WriteNumber("pid", pid);
        json.WriteNumber("monitorPid", monitorPid);
        json.WriteString("phase", pod.Phase.ToString());
        json.WriteString("hostname", pod.Hostname);
        json.WriteString("cgroupPath", pod.CgroupPath);
        json.WriteString("runtimeHandler", pod.RuntimeHandler);
        json.WritePropertyName("config");
        json.WriteRawValue(StateJson.Write(pod.Config with { Resources = pod.Resources, Overhead = pod.Overhead }));
        json.WritePropertyName("runtimeSpec");
        json.WriteRawValue(SpecJson.Write(PodSpec(pod, directories)));
        if (pod.Network.Result.Length > 0)
        {
            json.WritePropertyName("cniResult");
            json.WriteRawValue(pod.Network.Result);
        }
    });

    public static string OfContainer(Container container, Spec? spec) => Write(json =>
    {
        json.WriteString("sandboxID", container.SandboxId);
        json.WriteNumber("pid", container.Pid);
        json.WriteString("phase", container.Phase.ToString());
        json.WriteString("snapshotter", "overlayfs");
        json.WriteString("snapshotKey", container.Id);
        json.WriteBoolean("privileged", container.Config.Security.Privileged);
        json.WritePropertyName("config");
        json.WriteRawValue(StateJson.Write(container.Config with { Resources = container.Resources }));
        if (spec is not null)
        {
            json.WritePropertyName("runtimeSpec");
            json.WriteRawValue(SpecJson.Write(spec));
        }
    });

    /// <summary>The pod's namespaces as a spec would name them: <c>.info.runtimeSpec.linux.namespaces</c> is where tools look for the netns.</summary>
    private static Spec PodSpec(PodSandbox pod, StateDirectories directories)
    {
        PodPaths paths = new(directories, pod.Id);
        PinnedNamespace[] all =
        [
            new(LinuxNamespaceType.Network, "net"),
            new(LinuxNamespaceType.Ipc, "ipc"),
            new(LinuxNamespaceType.Uts, "uts"),
            new(LinuxNamespaceType.Pid, "pid"),
        ];
        return new Spec
        {
            OciVersion = "1.2.0",
            Hostname = pod.Hostname,
            Annotations = pod.Config.Annotations,
            Linux = new LinuxSection
            {
                CgroupsPath = pod.CgroupPath,
                Sysctl = pod.Config.Sysctls,
                Namespaces = [.. all.Where(ns => File.Exists(paths.Namespace(ns.Kind)))
                    .Select(ns => new LinuxNamespace { Type = ns.Type, Path = paths.Namespace(ns.Kind) })],
            },
        };
    }

    private sealed record PinnedNamespace(string Type, string Kind);

    private static string Write(Action<Utf8JsonWriter> members)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
