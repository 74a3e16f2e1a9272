using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>The file systems of state and images are full, of bytes or of inodes: nothing new is made, and what exists can still be taken away.</summary>
public sealed class FullDiskTests
{
    [Theory]
    [InlineData("size=256m", "dd if=/dev/zero of={0}/filler bs=64k")]
    [InlineData("size=256m,nr_inodes=2000", "i=0; while : > {0}/filler/$i; do i=$((i+1)); done")]
    public async Task Pods_can_be_removed_and_there_is_room_again(string options, string fill)
    {
        string[] disks = [await MountAsync("root", options), await MountAsync("run", options)];
        await using (Daemon daemon = await Daemon.StartAsync("full-disk", daemon =>
        {
            Directory.CreateSymbolicLink(daemon.Root, disks[0] + "/state");
            Directory.CreateSymbolicLink(daemon.Run, disks[1] + "/state");
        }))
        {
            daemon.ExpectError("No space left");
            await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
            PodSandboxConfig pod = daemon.Pod("old");
            string id = await daemon.RunPodAsync(pod);
            string container = await daemon.StartNewAsync(id, pod, Cri.Container("main"));
            foreach (string disk in disks)
            {
                if (fill.Contains("filler/", StringComparison.Ordinal))
                    Directory.CreateDirectory(disk + "/filler");
                await Shell.TryAsync("sh", "-c", string.Format(System.Globalization.CultureInfo.InvariantCulture, fill, disk));
            }

            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => daemon.RunPodAsync(daemon.Pod("new")));
            Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
            Assert.Matches($"{daemon.Run} has [0-9]+ bytes and [0-9]+ inodes free", refused.Status.Detail);
            Assert.Contains("grow the file system", refused.Status.Detail, StringComparison.Ordinal);
            Assert.Contains("No space left", refused.Status.Detail, StringComparison.OrdinalIgnoreCase);
            Assert.Single((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
            await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = 0 });
            await daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = id });
            await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id });
            Assert.Empty((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);

            foreach (string disk in disks)
                await Shell.RunAsync("rm", "-rf", disk + "/filler");
            await daemon.StartNewAsync(await daemon.RunPodAsync(pod), pod, Cri.Container("main"));
        }

        foreach (string disk in disks)
        {
            await Shell.RunAsync("umount", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task<string> MountAsync(string name, string options)
    {
        string disk = $"/run/full-{name}-{Guid.NewGuid().ToString("n")[..8]}";
        Directory.CreateDirectory(disk + "/");
        await Shell.RunAsync("mount", "-t", "tmpfs", "-o", options + ",mode=0755", "tmpfs", disk);
        Directory.CreateDirectory(disk + "/state");
        return disk;
    }
}
