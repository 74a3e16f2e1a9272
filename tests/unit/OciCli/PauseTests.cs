using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class PauseTests : IDisposable
{
    private readonly Bundle bundle = new();

    public PauseTests()
    {
        bundle.Create("while :; do echo >> /data/count; sleep 0.01; done").Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
    }

    public void Dispose() => bundle.Dispose();

    [Fact]
    public async Task A_paused_container_stands_still_and_a_resumed_one_goes_on()
    {
        bundle.Command("pause", bundle.Id).Succeeded();
        Assert.True(await bundle.WaitForStatus(ContainerStatus.Paused));
        long count = Count;
        await Task.Delay(200);
        Assert.Equal(count, Count);
        bundle.Command("resume", bundle.Id).Succeeded();
        for (int i = 0; i < 200 && Count == count; i++)
            await Task.Delay(25);
        Assert.NotEqual(count, Count);
        Assert.Contains("\"status\": \"running\"", bundle.Status(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_paused_cannot_be_resumed_and_what_is_cannot_be_paused_again()
    {
        bundle.Command("resume", bundle.Id).Failed("cannot be resumed", "running");
        bundle.Command("pause", bundle.Id).Succeeded();
        bundle.Command("pause", bundle.Id).Failed("cannot be paused", "paused");
        bundle.Command("exec", bundle.Id, "true").Failed("paused");
    }

    [Fact]
    public void A_paused_container_can_be_deleted_by_force()
    {
        bundle.Command("pause", bundle.Id).Succeeded();
        bundle.Command("delete", "--force", bundle.Id).Succeeded();
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, bundle.Id)));
    }

    private long Count => new FileInfo(Path.Combine(bundle.Rootfs, "data/count")) is { Exists: true } file ? file.Length : 0;
}
