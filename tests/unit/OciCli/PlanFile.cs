using CriRuntime.Oci.Planning;

namespace CriRuntime.OciCli.Tests;

/// <summary>Plans made by the test and run by the published program.</summary>
internal static class PlanFile
{
    internal static Outcome Launch(LaunchPlan plan, string directory, params string[] options)
    {
        string path = Path.Combine(directory, Guid.NewGuid().ToString("n") + ".plan");
        File.WriteAllBytes(path, plan.Bytes.ToArray());
        return CriOci.Run(["launch", .. options, path]);
    }
}
