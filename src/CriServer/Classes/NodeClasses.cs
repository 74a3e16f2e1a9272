using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Classes;

/// <summary>The classes that containers of this node can be in.</summary>
public sealed class NodeClasses(BlockIoClasses blockIo, RdtClasses rdt)
{
    /// <summary>The spec with what the container's classes mean on this node.</summary>
    /// <exception cref="CriException">FailedPrecondition or InvalidArgument naming a class that can't be had.</exception>
    public Spec Apply(Container container, Spec spec)
    {
        if (container.BlockIoClass is { } io)
            spec = WithBlockIo(spec, blockIo.Resolve(io));
        return container.RdtClass is { } name ? spec with { Linux = (spec.Linux ?? new LinuxSection()) with { IntelRdt = rdt.Resolve(name, container.CgroupPath) } } : spec;
    }

    /// <param name="name">Empty: none.</param>
    /// <inheritdoc cref="BlockIoClasses.Resolve"/>
    public BlockIoResources? BlockIo(string name) => name.Length > 0 ? blockIo.Resolve(name) : null;

    /// <param name="name">Empty: none.</param>
    /// <inheritdoc cref="RdtClasses.Resolve"/>
    public IntelRdt? Rdt(string name, string cgroup) => name.Length > 0 ? rdt.Resolve(name, cgroup) : null;

    /// <inheritdoc cref="RdtClasses.Check"/>
    public void Check(Spec spec) => rdt.Check(spec.Linux?.IntelRdt);

    /// <inheritdoc cref="RdtClasses.RemoveOwn"/>
    public void RemoveOwn(Container container) => rdt.RemoveOwn(container.Id);

    public static Spec WithBlockIo(Spec spec, BlockIoResources? limits)
    {
        LinuxSection linux = spec.Linux ?? new LinuxSection();
        return spec with { Linux = linux with { Resources = (linux.Resources ?? new LinuxResources()) with { BlockIo = limits } } };
    }
}
