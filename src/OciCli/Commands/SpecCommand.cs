using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>spec: writes an example configuration.</summary>
internal static class SpecCommand
{
    internal static int Run(ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, [], ["--bundle|-b"], operands: int.MaxValue);
        string path = Path.Combine(given.Value("--bundle") ?? ".", "config.json");
        if (File.Exists(path))
            throw new OciException($"{path} exists already");
        File.WriteAllBytes(path, ExampleSpec.Json);
        return 0;
    }
}
