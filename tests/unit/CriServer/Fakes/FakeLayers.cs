using CriRuntime.CriServer.Stats;

namespace CriRuntime.CriServer.Tests.Fakes;

/// <summary>Layers on the file system of the temporary directory, with the use that a test says.</summary>
internal sealed class FakeLayers : IWritableLayers
{
    public string MountPoint { get; set; } = Path.GetTempPath();

    public Dictionary<string, LayerUse> Uses { get; } = [];

    public LayerUse? UseOf(string containerId) => Uses.TryGetValue(containerId, out LayerUse use) ? use : null;
}
