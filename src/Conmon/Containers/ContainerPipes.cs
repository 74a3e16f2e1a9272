using CriRuntime.Linux;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Containers;

/// <summary>The pipes of a container without a terminal. The ends that the container has are closed here once it has them.</summary>
internal sealed record ContainerPipes(Pipe? Stdin, Pipe Stdout, Pipe Stderr)
{
    internal static ContainerPipes Create(bool stdin) => new(stdin ? Pipe.Create() : null, Pipe.Create(), Pipe.Create());

    internal LaunchStdio Stdio => new(Stdin?.Read, Stdout.Write, Stderr.Write);

    internal void CloseContainerEnds()
    {
        Stdin?.Read.Dispose();
        Stdout.Write.Dispose();
        Stderr.Write.Dispose();
    }

    internal void CloseAll()
    {
        CloseContainerEnds();
        Stdin?.Write.Dispose();
        Stdout.Read.Dispose();
        Stderr.Read.Dispose();
    }
}
