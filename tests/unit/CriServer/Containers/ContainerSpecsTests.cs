using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;

namespace CriRuntime.CriServer.Tests.Containers;

/// <summary>What a later daemon finds of the specs that containers were made from.</summary>
public sealed class ContainerSpecsTests : IDisposable
{
    private static readonly byte[] Latin1 = [0x63, 0x61, 0x66, 0xe9];

    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task Values_that_are_no_text_come_back_as_the_bytes_that_they_were()
    {
        Container container = await CreateAsync(new EnvironmentVariable("CITY", Latin1));
        Assert.Contains("CITY=caf\uDCE9", Later(container));
    }

    [Fact]
    public async Task What_plugins_and_devices_changed_stays_changed()
    {
        Container container = await CreateAsync(
            new EnvironmentVariable("CHANGED", "asked"u8.ToArray()), new EnvironmentVariable("CITY", Latin1),
            new EnvironmentVariable("GONE", Latin1), new EnvironmentVariable("KEPT", Latin1));
        Spec spec = _daemon.Specs.Get(container);
        List<string> block = [.. spec.Process!.Env];
        SpecEdits.SetVariable(block, "CHANGED", "by a plugin");
        SpecEdits.SetVariable(block, "CITY", "by a device");
        SpecEdits.RemoveVariable(block, "GONE");
        _daemon.Specs.Save(container, spec with { Process = spec.Process with { Env = block } });

        Assert.Equal(block, Later(container));
    }

    private async Task<Container> CreateAsync(params EnvironmentVariable[] environment)
    {
        string pod = await _daemon.RunAsync();
        string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig() with { Environment = environment }, TestContext.Current.CancellationToken);
        return _daemon.State.Containers.Get(id);
    }

    private IReadOnlyList<string> Later(Container container) => new ContainerSpecs(_daemon.State.Directories).Get(container).Process!.Env;
}
