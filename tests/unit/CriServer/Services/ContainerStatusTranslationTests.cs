using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.Tests.Fakes;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Services;

public sealed class ContainerStatusTranslationTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task The_status_shows_the_image_as_the_user_named_it_and_lists_show_it_as_the_kubelet_asked_for_it()
    {
        Container container = await CreateAsync("registry.example/busybox:1");

        Cri.ContainerStatus status = container.ToStatus();
        Assert.Equal(("registry.example/busybox:1", "registry.example/busybox:1"), (status.Image.Image, status.Image.UserSpecifiedImage));
        Assert.Equal(container.Config.Image, container.ToListItem().Image.Image);
        Assert.Equal((container.ImageRef, container.ImageId), (status.ImageRef, status.ImageId));
    }

    [Fact]
    public async Task Without_the_users_name_the_status_shows_what_was_asked_for()
    {
        Container container = await CreateAsync("");
        Assert.Equal(container.Config.Image, container.ToStatus().Image.Image);
    }

    private async Task<Container> CreateAsync(string userSpecified)
    {
        ContainerConfig config = Daemon.ContainerConfig() with { UserSpecifiedImage = userSpecified };
        string pod = await _daemon.RunAsync();
        return _daemon.State.Containers.Get(await _daemon.Create.ExecuteAsync(pod, config, TestContext.Current.CancellationToken));
    }
}
