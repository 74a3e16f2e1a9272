using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Classes;

/// <summary>The node's RDT classes: the directories that an operator, or a tool, has made in resctrl.</summary>
/// <param name="resctrl">Where resctrl is mounted.</param>
public sealed class RdtClasses(string resctrl = Resctrl.Root)
{
    /// <summary>The class that is called as the pod's QoS class: Guaranteed, Burstable, BestEffort (as NRI plugins know it).</summary>
    internal const string ByPodQos = "/PodQos";

    /// <summary>What goresctrl calls the root's class.</summary>
    private const string RootAlias = "system/default";

    /// <param name="name">A class's, or one of the two reserved ones.</param>
    /// <param name="cgroup">The container's, which tells the QoS class of its pod.</param>
    /// <returns>Null: no class but the one that everything else is in.</returns>
    /// <exception cref="CriException">InvalidArgument for what can't be a class; FailedPrecondition: there is no resctrl, or no such class in it; the message has those that are there.</exception>
    public IntelRdt? Resolve(string name, string cgroup)
    {
        bool byQos = name.Equals(ByPodQos, StringComparison.OrdinalIgnoreCase);
        string? closId = byQos ? PodQos.Of(cgroup) : name == RootAlias ? Resctrl.RootClass : name;
        if (closId is null)
            return null;
        if (!Resctrl.IsClassName(closId))
            throw CriException.InvalidArgument($"RDT class \"{TextLimits.Shorten(name)}\" is not the name of a class");
        CheckMounted($"RDT class \"{TextLimits.Shorten(name)}\"");
        if (byQos && !Has(closId))
            return null;
        CheckPresent(closId, name);
        return new IntelRdt { ClosId = closId };
    }

    /// <summary>What a specification wants of resctrl, by whomever it was put there, can be had.</summary>
    /// <exception cref="CriException">FailedPrecondition, as <see cref="Resolve"/>.</exception>
    public void Check(IntelRdt? wanted)
    {
        if (wanted is null)
            return;
        CheckMounted("linux.intelRdt");
        // With schemata a class is made where it is missing.
        if (wanted is { ClosId: { Length: > 0 } closId, Schemata.Count: 0 } && string.IsNullOrEmpty(wanted.L3CacheSchema) && string.IsNullOrEmpty(wanted.MemBwSchema)
            && Resctrl.IsClassName(closId))
        {
            CheckPresent(closId, closId);
        }
    }

    /// <summary>Removes the class and the monitoring group that were made for a container. Fine when there are none.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void RemoveOwn(string containerId) => ResctrlGroup.RemoveOwn(containerId, resctrl);

    private void CheckMounted(string wanted)
    {
        if (!File.Exists($"{resctrl}/schemata"))
            throw CriException.FailedPrecondition($"{wanted}: this node has no RDT classes, for resctrl is not mounted at {resctrl}");
    }

    private void CheckPresent(string closId, string name)
    {
        if (!Has(closId))
            throw CriException.FailedPrecondition($"RDT class \"{TextLimits.Shorten(name)}\" is not in {resctrl}, which has {ClassList.Describe(Present())}");
    }

    private bool Has(string closId) => File.Exists($"{Resctrl.Directory(resctrl, closId)}/tasks");

    private List<string> Present()
    {
        List<string> names = [];
        foreach (DirectoryInfo directory in new DirectoryInfo(resctrl).EnumerateDirectories())
        {
            if (Resctrl.IsClassName(directory.Name))
                names.Add(directory.Name);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
