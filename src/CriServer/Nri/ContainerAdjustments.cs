using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>A container and its spec as plugins want them: a pure function, but for what it asks the node.</summary>
public static class ContainerAdjustments
{
    /// <param name="classes">What classes mean here.</param>
    /// <param name="injectDevices">Looks CDI devices up and puts what they bring into the spec.</param>
    /// <exception cref="CriException">FailedPrecondition or InvalidArgument naming what can't be done.</exception>
    public static (Container Container, Spec Spec) Apply(
        Container container, Spec spec, Api.ContainerAdjustment wanted, NodeFacts node, NodeClasses classes, Func<Spec, IReadOnlyList<string>, Spec> injectDevices)
    {
        spec = injectDevices(spec, [.. wanted.CdiDevices.Select(device => device.Name)]);
        if (wanted.Linux is { } linux)
        {
            if (linux.CgroupsPath.Length > 0)
                container = container with { CgroupPath = CgroupPath(linux.CgroupsPath) };
            if (linux.Resources is { } resources && resources.CalculateSize() > 0)
            {
                WantedResources read = WantedResources.Read(resources);
                (container, spec) = Resize(container, spec, read, node);
                (container, spec) = Classify(container, spec, read, classes);
            }
        }

        spec = SpecAdjustment.Apply(spec, wanted, node);
        if (wanted.Linux?.OomScoreAdj is not null)
            container = container with { UpdatedResources = container.Resources with { OomScoreAdj = spec.Process!.OomScoreAdj ?? 0 } };
        return (container, spec);
    }

    /// <summary>The container reports the outcome, and later requests change it from there.</summary>
    private static (Container Container, Spec Spec) Resize(Container container, Spec spec, WantedResources wanted, NodeFacts node)
    {
        ResourceRequest.Check("resources wanted by NRI plugins", wanted.Requested);
        ContainerResources former = container.Resources;
        ContainerResources merged = ResourceChange.Merge(former, wanted.Requested);
        // A limit that meant "no swap" goes on meaning that.
        if (wanted.Requested is { MemoryLimit: not 0, MemorySwapLimit: 0 } && former.MemorySwapLimit == former.MemoryLimit)
            merged = merged with { MemorySwapLimit = 0 };
        spec = ResourceLimits.Update(spec, merged, node);
        container = container with { UpdatedResources = merged };
        LinuxSection linux = spec.Linux ?? new LinuxSection();
        return (container, spec with { Linux = linux with { Resources = FurtherLimits.Over(linux.Resources ?? new LinuxResources(), wanted.Further) } });
    }

    private static (Container Container, Spec Spec) Classify(Container container, Spec spec, WantedResources wanted, NodeClasses classes)
    {
        if (wanted.BlockIoClass is { } io)
        {
            spec = NodeClasses.WithBlockIo(spec, classes.BlockIo(io));
            container = container with { BlockIoClass = io.Length > 0 ? io : null };
        }

        if (wanted.RdtClass is { } rdt)
        {
            spec = spec with { Linux = (spec.Linux ?? new LinuxSection()) with { IntelRdt = classes.Rdt(rdt, container.CgroupPath) } };
            container = container with { RdtClass = rdt.Length > 0 ? rdt : null };
        }

        return (container, spec);
    }

    private static string CgroupPath(string path) => path.StartsWith('/') && path.Length > 1 && !path.Split('/').Contains("..")
        ? path
        : throw CriException.FailedPrecondition($"an NRI plugin asks for the cgroup \"{path}\"; this runtime places containers by absolute paths");
}
