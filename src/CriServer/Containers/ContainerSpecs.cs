using System.Collections.Concurrent;
using System.Text.Json;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;

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
            Spec saved = SpecJson.Load(directories.SpecFile(container.SandboxId, container.Id));
            return _cache[container.Id] = WithEnvironmentBytes(saved, container.Config.Environment);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new CriException(CriErrorKind.Internal, $"the spec of {container} can't be read: {e.Message}", e);
        }
    }

    /// <summary>JSON cannot hold what is not UTF-8: those values are put back from the container's own record, unless a plugin or a device has changed them.</summary>
    private static Spec WithEnvironmentBytes(Spec spec, IReadOnlyList<EnvironmentVariable> environment)
    {
        if (spec.Process is not { } process)
            return spec;
        List<string> block = [.. process.Env];
        foreach ((string name, byte[] value) in environment)
        {
            string text = SurrogateEscape.Decode(value);
            if (SurrogateEscape.WithoutEscapes(text) is { } written && block.Contains($"{name}={written}"))
                SpecEdits.SetVariable(block, name, text);
        }

        return spec with { Process = process with { Env = block } };
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
