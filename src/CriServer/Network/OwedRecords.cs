using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Network;

/// <summary>The directory of <see cref="OwedRecord"/>s.</summary>
public sealed class OwedRecords(StateDirectories directories)
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The kernel's name for this boot.</summary>
    public static string BootId { get; } = File.ReadAllText(BootIdFile).Trim();

    /// <summary>Returns when the record is written: durably where the network owes something, and through the page cache with host networking.</summary>
    public void Write(PodSandbox pod)
    {
        string netns = pod.HostNetwork ? "" : directories.Namespace(pod.Id, "net");
        byte[] json = StateJson.Write(new OwedRecord(1, pod with { NetworkAttached = !pod.HostNetwork }, netns, BootId));
        if (pod.HostNetwork)
            StateFile.Write(directories.OwedFile(pod.Id), json);
        else
            StateFile.WriteDurably(directories.OwedFile(pod.Id), json);
    }

    /// <summary>Nothing is owed any more. Fine when there is no record.</summary>
    public void Delete(string podId)
    {
        string path = directories.OwedFile(podId);
        if (File.Exists(path))
            File.Delete(path);
    }

    /// <summary>The pods of all records.</summary>
    public IEnumerable<string> PodIds() => Directory.EnumerateFiles(directories.Owed).Select(file => Path.GetFileNameWithoutExtension(file));

    public bool Exists(string podId) => File.Exists(directories.OwedFile(podId));
}
