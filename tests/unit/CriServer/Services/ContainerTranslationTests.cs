using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Services;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Services;

public sealed class ContainerTranslationTests
{
    [Fact]
    public void A_sub_path_beside_a_host_path_is_the_kubelets_and_makes_no_image_volume()
    {
        Cri.ContainerConfig config = new()
        {
            Metadata = new Cri.ContainerMetadata { Name = "c" },
            Image = new Cri.ImageSpec { Image = "busybox" },
            Mounts =
            {
                new Cri.Mount { ContainerPath = "/config/a", HostPath = "/subpaths/a", ImageSubPath = "a" },
                new Cri.Mount { ContainerPath = "/model", Image = new Cri.ImageSpec { Image = "model:1" }, ImageSubPath = "v1", Readonly = true },
            },
        };

        ContainerConfig translated = config.ToDomain();

        Assert.Null(translated.Mounts[0].ImageVolume);
        Assert.Equal("/subpaths/a", translated.Mounts[0].HostPath);
        Assert.Equal(("model:1", "v1"), (translated.Mounts[1].ImageVolume?.Image, translated.Mounts[1].ImageVolume?.SubPath));
    }
}
