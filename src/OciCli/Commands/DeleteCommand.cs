using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>delete: removes what is left of containers that ended.</summary>
internal static class DeleteCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, ["--force|-f"], [], operands: int.MaxValue);
        if (given.Operands.Count == 0)
            throw new UsageException("the container's id is missing");
        foreach (string id in given.Operands)
            ContainerDeletion.Delete(options.Store, id, given.Has("--force"), options.Log.Warn);
        return 0;
    }
}
