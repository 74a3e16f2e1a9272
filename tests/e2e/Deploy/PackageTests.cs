using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Deploy;

/// <summary>
/// The Debian package, installed by dpkg into an overlay over this machine's own root file system: what is installed there is gone with the
/// overlay, and dpkg's own database is not touched.
/// </summary>
public sealed class PackageTests : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> s_package = new(BuildAsync);
    private readonly string _base = $"/run/e2e/package-{Environment.ProcessId}";

    private string Root => Path.Combine(_base, "root");

    public async ValueTask InitializeAsync()
    {
        foreach (string directory in new[] { "upper", "work", "root" })
            Directory.CreateDirectory(Path.Combine(_base, directory));
        await Shell.RunAsync("mount", "-t", "overlay", "overlay", "-o", $"lowerdir=/,upperdir={_base}/upper,workdir={_base}/work", Root);
        foreach (string mount in new[] { "/proc", "/sys", "/dev", "/run" })
        {
            await Shell.RunAsync("mount", "--rbind", mount, Root + mount);
            await Shell.RunAsync("mount", "--make-rslave", Root + mount);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("umount", "-R", "-l", Root);
        Directory.Delete(_base, recursive: true);
    }

    [Fact]
    public async Task Is_installed_runs_a_pod_and_is_purged_without_a_trace()
    {
        string package = await s_package.Value;
        await ChrootAsync("dpkg", "--install", package);
        Assert.Empty(await ChrootAsync("dpkg", "--verify", "criruntime"));
        Assert.Contains("\"root\": \"/var/lib/criruntime\"", await ChrootAsync("criruntime", "config"), StringComparison.Ordinal);
        await ChrootAsync("cri-oci", "--version");

        Daemon? daemon = await Daemon.StartAsync("package", d => d.Command = ["unshare", "--mount", "--propagation", "slave", "chroot", Root, "/usr/bin/criruntime"]);
        try
        {
            await daemon.ImportAsync("localhost/busybox:latest", TestImages.Busybox());
            PodSandboxConfig pod = daemon.Pod("packaged");
            string podId = await daemon.RunPodAsync(pod);
            string id = await daemon.StartNewAsync(podId, pod, Cri.Container("box", "sleep", "600"));
            Assert.Equal("hello\n", await daemon.ExecTextAsync(id, "echo", "hello"));

            // What a node would have in the default place; here it stands for the pod that runs.
            string directory = Directory.CreateDirectory($"/run/criruntime/pods/{podId}").FullName;
            File.Copy(Path.Combine(daemon.Run, "pods", podId, "conmon.pid"), Path.Combine(directory, "conmon.pid"));
            (int status, _, string error) = await Shell.TryAsync("chroot", Root, "dpkg", "--purge", "criruntime");
            Assert.NotEqual(0, status);
            Assert.Contains("still runs", error, StringComparison.Ordinal);
        }
        finally
        {
            await daemon.DisposeAsync();
        }

        await ChrootAsync("dpkg", "--purge", "criruntime");
        foreach (string gone in new[] { "/etc/criruntime", "/usr/bin/criruntime", "/usr/bin/cri-conmon", "/usr/share/doc/criruntime", "/lib/systemd/system/criruntime.service", "/var/lib/criruntime", "/run/criruntime" })
            Assert.False(Path.Exists(Root + gone), $"{gone} is left after the purge.");
    }

    [Fact]
    public async Task Keeps_the_operators_configuration_when_it_is_installed_again()
    {
        string package = await s_package.Value;
        await ChrootAsync("dpkg", "--install", package);
        await File.WriteAllTextAsync(Root + "/etc/criruntime/config.json", """{ "log": { "level": "debug" } }""");
        await ChrootAsync("dpkg", "--install", package);
        Assert.Contains("\"level\": \"debug\"", await ChrootAsync("criruntime", "config"), StringComparison.Ordinal);
        await ChrootAsync("dpkg", "--remove", "criruntime");
        Assert.True(File.Exists(Root + "/etc/criruntime/config.json"));
        await ChrootAsync("dpkg", "--purge", "criruntime");
        Assert.False(Directory.Exists(Root + "/etc/criruntime"));
    }

    private static async Task<string> BuildAsync()
    {
        string programs = Directory.CreateDirectory("/run/e2e/package-programs").FullName;
        foreach ((string path, string name) in new[] { (Programs.CriRuntime, "criruntime"), (Programs.CriConmon, "cri-conmon"), (Programs.CriOci, "cri-oci") })
            File.Copy(path, Path.Combine(programs, name), overwrite: true);
        return (await Shell.RunAsync(Programs.InCheckout("deploy/debian/build-package.sh"), programs)).Trim();
    }

    private Task<string> ChrootAsync(params string[] command) => Shell.RunAsync("chroot", [Root, .. command]);
}
