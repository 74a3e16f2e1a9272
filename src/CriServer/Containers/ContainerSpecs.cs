using System.Collections.Concurrent;
using System.Text.Json;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>The OCI specs that containers were made from: on disk beside their state, and in memory while they are used.</summary>
public sealed class ContainerSpecs(StateDirectories directories)
{
    private readonly ConcurrentDictionary<string, Spec> _cache = new();

    public void Save(Container container, Spec spec)
    {
        StateFile.Write(directories.SpecFile(container.SandboxId, container.Id), SpecJson.Write(spec));
        _cache[container.Id] = spec;
    }

    /// <exception cref="CriException">Internal when the file is missing or damaged.</exception>
    public Spec Get(Container container)
    {
        if (_cache.TryGetValue(container.Id, out Spec? spec))
            return spec;
        try
        {
            return _cache[container.Id] = SpecJson.Load(directories.SpecFile(container.SandboxId, container.Id));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new CriException(CriErrorKind.Internal, $"the spec of {container} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Fine when there is none.</summary>
    public void Forget(Container container)
    {
        _cache.TryRemove(container.Id, out _);
        string path = directories.SpecFile(container.SandboxId, container.Id);
        if (File.Exists(path))
            File.Delete(path);
    }
}
