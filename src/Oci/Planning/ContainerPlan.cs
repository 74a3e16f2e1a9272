using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>A container's plan while it is written, and what all its parts need of each other.</summary>
internal sealed record ContainerPlan(PlanWriter Writer, Spec Spec, PlanOptions Options, NamespaceSteps Namespaces)
{
    private HostStage? stage;

    internal LinuxSection Linux { get; } = Spec.Linux ?? new LinuxSection();

    /// <summary>The root file system, as an O_PATH descriptor of the child.</summary>
    internal int Root { get; init; } = Writer.NewSlot();

    /// <summary>What the host makes for a container with a user namespace.</summary>
    internal HostStage Stage => stage ??= new HostStage(this);

    /// <summary>Where the root lies on the host: while the tree is built, the child sees it there, and nobody else does.</summary>
    internal string RootPath => Options.Rootfs switch
    {
        DirectoryRootfs directory => directory.Path,
        OverlayRootfs overlay => overlay.MountPoint,
        _ => throw new InvalidOperationException("A root file system of an unknown kind."),
    };

    /// <summary>linux.mountLabel where SELinux is in force: the context that all files of a new mount get; null for none.</summary>
    internal string? MountLabel => Options.Host.SELinux && !string.IsNullOrEmpty(Linux.MountLabel) ? Linux.MountLabel : null;

    /// <summary>The host's procfs, for everything that is written to a procfs.</summary>
    internal int HostProc { get; } = Writer.NewSlot();
}
