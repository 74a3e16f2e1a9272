using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>features: what this runtime understands (runtime-spec features.md), for callers that choose by it.</summary>
internal static class FeaturesCommand
{
    internal static int Run()
    {
        Output.Line(RuntimeFeatures.Json);
        return 0;
    }
}
