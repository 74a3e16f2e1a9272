using System.Text;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Lsm;

/// <summary>Pods and containers of a daemon whose node has SELinux. The kernel here need not: labels are data, and on files they are extended attributes.</summary>
public sealed class SelinuxTests : IDisposable
{
    private static readonly SelinuxPolicy Policy = new(
        new SelinuxLabel("system_u", "system_r", "container_t", "s0"), new SelinuxLabel("system_u", "object_r", "container_file_t", "s0"));

    private readonly Daemon _daemon = new(selinux: Policy);
    private readonly string _volume = Directory.CreateTempSubdirectory("volume-").FullName;

    public void Dispose()
    {
        _daemon.Dispose();
        Directory.Delete(_volume, true);
    }

    [Fact]
    public async Task Each_pod_has_categories_of_its_own_and_its_containers_inherit_them()
    {
        HashSet<string> levels = [];
        for (int i = 0; i < 20; i++)
        {
            string pod = await _daemon.RunAsync(Daemon.PodConfig($"pod{i}"));
            string level = LevelOf(pod);
            Assert.True(levels.Add(level), $"{level} is given twice");
            Spec spec = await SpecOfAsync(pod, Daemon.ContainerConfig());
            Assert.Equal($"system_u:system_r:container_t:{level}", spec.Process!.SelinuxLabel);
            Assert.Equal($"system_u:object_r:container_file_t:{level}", spec.Linux!.MountLabel);
            Assert.Equal(spec.Linux.MountLabel, _daemon.Mounts.Context);
        }
    }

    [Fact]
    public async Task A_pods_categories_are_kept_over_a_restart_and_free_when_it_is_removed()
    {
        string pod = await _daemon.RunAsync();
        string level = LevelOf(pod);
        using Daemon next = _daemon.Restart(null);
        next.PublishSaved();
        Assert.Equal(level, LevelOf(pod, next));
        Assert.Contains(level, Selinux.LevelsOf(next.State));
        next.State.Pods.Remove(pod);
        Assert.Empty(Selinux.LevelsOf(next.State));
    }

    [Fact]
    public void A_level_is_nobody_elses_while_it_is_claimed_or_taken()
    {
        HashSet<string> taken = [];
        McsLevels levels = new(() => taken);
        List<McsLevels.Claim> claims = [];
        for (int i = 0; i < 2000; i++)
            claims.Add(levels.Take());
        Assert.Equal(2000, claims.Select(claim => claim.Level).Distinct().Count());
        Assert.All(claims, claim => Assert.True(SelinuxLevel.IsValid(claim.Level)));
        foreach (McsLevels.Claim claim in claims)
            claim.Dispose();
    }

    [Fact]
    public async Task Options_of_pod_and_container_replace_parts()
    {
        string pod = await _daemon.RunAsync(Daemon.PodConfig() with { SelinuxOptions = new SelinuxOptions("", "", "", "s0:c7,c8") });
        Spec inherited = await SpecOfAsync(pod, Daemon.ContainerConfig("inherits"));
        Assert.Equal("system_u:system_r:container_t:s0:c7,c8", inherited.Process!.SelinuxLabel);
        Spec own = await SpecOfAsync(pod, Secured("own", new ContainerSecurity { SelinuxOptions = new SelinuxOptions("u_u", "r_r", "my_t", "s0:c4,c5") }));
        Assert.Equal("u_u:r_r:my_t:s0:c4,c5", own.Process!.SelinuxLabel);
        Assert.Equal("u_u:object_r:container_file_t:s0:c4,c5", own.Linux!.MountLabel);
    }

    [Fact]
    public async Task A_label_that_the_policy_does_not_have_is_refused_before_anything_is_made()
    {
        SelinuxOptions unknown = new("", "", "unknown_t", "");
        CriException e = await Assert.ThrowsAsync<CriException>(() => _daemon.RunAsync(Daemon.PodConfig() with { SelinuxOptions = unknown }));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        string pod = await _daemon.RunAsync();
        e = await Assert.ThrowsAsync<CriException>(() => SpecOfAsync(pod, Secured("unknown", new ContainerSecurity { SelinuxOptions = unknown })));
        Assert.Contains("does not know system_u:system_r:unknown_t", e.Message, StringComparison.Ordinal);
        Assert.Empty(_daemon.State.Containers.Current);
    }

    [Fact]
    public async Task The_policy_decides_for_a_privileged_process_and_one_that_sees_the_nodes()
    {
        string pod = await _daemon.RunAsync();
        Spec privileged = await SpecOfAsync(pod, Secured("privileged", new ContainerSecurity { Privileged = true }));
        Assert.Null(privileged.Process!.SelinuxLabel);
        Assert.StartsWith("system_u:object_r:container_file_t:s0:c", privileged.Linux!.MountLabel, StringComparison.Ordinal);
        Spec host = await SpecOfAsync(pod, Secured("host", new ContainerSecurity { Namespaces = new NamespaceOptions { Pid = NamespaceMode.Node } }));
        Assert.Null(host.Process!.SelinuxLabel);
    }

    [Fact]
    public async Task A_volume_is_relabelled_to_its_depths_without_following_links()
    {
        Directory.CreateDirectory(Path.Join(_volume, "a/b"));
        await File.WriteAllTextAsync(Path.Join(_volume, "a/b/file"), "");
        string outside = Path.Join(_daemon.Base, "outside");
        await File.WriteAllTextAsync(outside, "");
        File.CreateSymbolicLink(Path.Join(_volume, "link"), outside);
        File.CreateSymbolicLink(Path.Join(_volume, "links"), "/usr");

        string pod = await _daemon.RunAsync();
        Spec spec = await SpecOfAsync(pod, Mounted("relabels", _volume, relabel: true));
        foreach (string labelled in new[] { "", "a", "a/b", "a/b/file" })
            Assert.Equal(spec.Linux!.MountLabel, LabelOf(Path.Join(_volume, labelled)));
        Assert.Null(LabelOf(outside));
        Assert.Null(LabelOf("/usr/bin"));

        string untouched = Directory.CreateDirectory(Path.Join(_daemon.Base, "untouched")).FullName;
        await SpecOfAsync(pod, Mounted("leaves", untouched, relabel: false));
        Assert.Null(LabelOf(untouched));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc")]
    [InlineData("/etc/")]
    [InlineData("/usr/../etc")]
    [InlineData("/usr/lib")]
    [InlineData("/home")]
    [InlineData("/var/lib")]
    public async Task The_nodes_own_directories_are_not_relabelled(string path)
    {
        string pod = await _daemon.RunAsync();
        CriException e = await Assert.ThrowsAsync<CriException>(() => _daemon.Create.ExecuteAsync(pod, Mounted("hostile", path, relabel: true), CancellationToken.None));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Empty(_daemon.State.Containers.Current);
    }

    [Fact]
    public void Nor_by_a_link_that_leads_there()
    {
        File.CreateSymbolicLink(Path.Join(_volume, "root"), "/");
        CriException e = Assert.Throws<CriException>(() => SelinuxRelabel.Apply(Path.Join(_volume, "root/etc"), "u:r:t:s0"));
        Assert.Contains("the node's own", e.Message, StringComparison.Ordinal);
        Assert.Null(LabelOf("/etc"));
    }

    [Fact]
    public void A_tree_that_is_too_deep_is_refused()
    {
        string deep = _volume;
        for (int i = 0; i <= SelinuxRelabel.MaxDepth; i++)
            deep += "/d";
        Directory.CreateDirectory(deep);
        CriException e = Assert.Throws<CriException>(() => SelinuxRelabel.Apply(_volume, "u:r:t:s0"));
        Assert.Contains("nested deeper", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pods_files_have_its_label()
    {
        string pod = await _daemon.RunAsync();
        Assert.Equal(_daemon.State.Pods.Get(pod).Selinux!.Files, LabelOf(_daemon.State.Directories.Hosts(pod)));
    }

    [Fact]
    public async Task Without_SELinux_options_are_ignored_but_not_nonsense()
    {
        using Daemon without = new();
        string pod = await without.RunAsync(Daemon.PodConfig() with { SelinuxOptions = new SelinuxOptions("", "", "", "s0:c1,c2") });
        Assert.Null(without.State.Pods.Get(pod).Selinux);
        string id = await without.Create.ExecuteAsync(pod, Mounted("plain", _volume, relabel: true), CancellationToken.None);
        Assert.Null(without.Specs.Get(without.State.Containers.Get(id)).Process!.SelinuxLabel);
        Assert.Null(LabelOf(_volume));
        ContainerConfig nonsense = Secured("nonsense", new ContainerSecurity { SelinuxOptions = new SelinuxOptions("", "", "", "s0,c4,c5") });
        Assert.Equal(CriErrorKind.InvalidArgument, (await Assert.ThrowsAsync<CriException>(() => without.Create.ExecuteAsync(pod, nonsense, CancellationToken.None))).Kind);
    }

    private static ContainerConfig Secured(string name, ContainerSecurity security) => Daemon.ContainerConfig(name) with { Security = security };

    private static ContainerConfig Mounted(string name, string path, bool relabel) =>
        Daemon.ContainerConfig(name) with { Mounts = [new ContainerMount { ContainerPath = "/data", HostPath = path, SelinuxRelabel = relabel }] };

    private static string? LabelOf(string path)
    {
        using FileDescriptor file = HostFile.Open(path, HostFileAccess.Read);
        return InodeAttributes.TryGetXattr(file, "security.selinux"u8) is { } label ? Encoding.UTF8.GetString(label) : null;
    }

    private string LevelOf(string pod, Daemon? daemon = null)
    {
        Assert.True(SelinuxLabel.TryParse((daemon ?? _daemon).State.Pods.Get(pod).Selinux!.Process, out SelinuxLabel? label));
        return label.Level;
    }

    private async Task<Spec> SpecOfAsync(string pod, ContainerConfig config)
    {
        string id = await _daemon.Create.ExecuteAsync(pod, config, CancellationToken.None);
        return _daemon.Specs.Get(_daemon.State.Containers.Get(id));
    }
}
