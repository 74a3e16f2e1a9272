using CriRuntime.Cdi;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>The devices that a container asks for by name: in its CDI_devices, or in annotations, as older kubelets and plugins do.</summary>
public sealed class CdiDevices(CdiRegistry registry)
{
    /// <summary>An annotation <c>cdi.k8s.io/ANYTHING</c> has a list of full names, separated by commas.</summary>
    internal const string AnnotationPrefix = "cdi.k8s.io/";

    public static IReadOnlyList<string> Requested(ContainerConfig config)
    {
        List<string> names = [.. config.CdiDevices];
        foreach ((string key, string value) in config.Annotations)
        {
            if (key.StartsWith(AnnotationPrefix, StringComparison.Ordinal))
                names.AddRange(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        return names;
    }

    /// <exception cref="CriException">FailedPrecondition naming the device that this node does not have, or not as described.</exception>
    public Spec Inject(Spec spec, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return spec;
        try
        {
            return CdiInjection.Apply(spec, registry.Resolve(names), HostDevices.Describe);
        }
        catch (CdiException e)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, e.Message, e);
        }
    }
}
