using System.Formats.Tar;
using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Checkpoints;

public sealed class PodCheckpointTests : IDisposable
{
    private const string Sound = """{"Version":1,"Name":"web","Namespace":"default","Containers":[{"Name":"app","File":"container-0.tar"}]}""";

    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_pod_of_which_nothing_runs_is_not_saved()
    {
        string pod = await _daemon.RunAsync();
        CriException e = await Assert.ThrowsAsync<CriException>(() => SaveAsync(pod));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("no container that runs", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_pods_container_is_not_saved_with_it()
    {
        (_, string id) = await _daemon.RunningAsync();
        string other = await _daemon.RunPod.ExecuteAsync(Daemon.PodConfig("other"), "", CancellationToken.None);
        CriException e = await Assert.ThrowsAsync<CriException>(() => SaveAsync(other, id));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains("container_ids", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "no pod.dump")]
    [InlineData("{", "damaged")]
    [InlineData("null", "null")]
    [InlineData("""{"Version":2,"Name":"web","Namespace":"default","Containers":[{"Name":"app","File":"container-0.tar"}]}""", "version 2")]
    [InlineData("""{"Version":1,"Name":"web","Namespace":"default","Containers":[]}""", "0 containers")]
    [InlineData("""{"Version":1,"Name":"web","Namespace":"default","Containers":[null]}""", "without a name")]
    [InlineData("""{"Version":1,"Name":"web","Namespace":"default","Containers":[{"Name":"","File":"container-0.tar"}]}""", "without a name")]
    [InlineData("""{"Version":1,"Name":"web","Namespace":"default","Containers":[{"Name":"app","File":"container-0.tar"},{"Name":"app","File":"container-0.tar"}]}""", "without a name")]
    [InlineData("""{"Version":1,"Name":"web","Namespace":"default","Containers":[{"Name":"app","File":"../../../etc/passwd"}]}""", "no checkpoint of container app")]
    [InlineData("""{"Version":1,"Name":"web","Namespace":"default","Containers":[{"Name":"app","File":"container-1.tar"}]}""", "no checkpoint of container app")]
    public async Task A_damaged_or_hostile_archive_is_refused_before_anything_is_made(string? dump, string words)
    {
        CriException e = await Assert.ThrowsAsync<CriException>(() => RestoreAsync(Archive(dump), "app"));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        AssertNothing();
    }

    [Theory]
    [InlineData("has none for container app")]
    [InlineData("which is not in the checkpoint", "app", "more")]
    [InlineData("names app twice", "app", "app")]
    public async Task Configurations_that_are_not_those_of_the_checkpoint_are_refused(string words, params string[] names)
    {
        CriException e = await Assert.ThrowsAsync<CriException>(() => RestoreAsync(Archive(Sound), names));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        AssertNothing();
    }

    [Fact]
    public async Task A_pod_of_which_a_container_cannot_be_restored_is_removed()
    {
        await Assert.ThrowsAsync<CriException>(() => RestoreAsync(Archive(Sound), "app")); // its checkpoint is empty
        AssertNothing();
        await _daemon.RunPod.ExecuteAsync(Daemon.PodConfig(), "", CancellationToken.None); // its name is free
    }

    [Fact]
    public async Task A_pod_that_is_there_is_left_alone()
    {
        string pod = await _daemon.RunAsync();
        CriException e = await Assert.ThrowsAsync<CriException>(() => RestoreAsync(Archive(Sound), "app"));
        Assert.Equal(CriErrorKind.AlreadyExists, e.Kind);
        Assert.Equal(pod, Assert.Single(_daemon.State.Pods.Current).Key);
    }

    [Theory]
    [InlineData("relative.tar", CriErrorKind.InvalidArgument)]
    [InlineData("/nonexistent.tar", CriErrorKind.NotFound)]
    [InlineData("/dev/zero", CriErrorKind.NotFound)]
    public async Task What_is_no_file_is_not_opened(string archive, CriErrorKind kind)
    {
        CriException e = await Assert.ThrowsAsync<CriException>(() => RestoreAsync(archive, "app"));
        Assert.Equal(kind, e.Kind);
        AssertNothing();
    }

    [Fact]
    public void An_option_that_nobody_knows_is_refused_by_name()
    {
        CriException e = Assert.Throws<CriException>(() => CheckpointValidation.CheckOptions(new Dictionary<string, string> { ["compress"] = "zstd" }));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains("compress", e.Message, StringComparison.Ordinal);
    }

    private Task SaveAsync(string pod, params string[] containers) =>
        _daemon.Checkpoints.Pod.ExecuteAsync(pod, Path.Join(_daemon.Base, "p.tar"), containers, CancellationToken.None);

    private Task<RestoredPod> RestoreAsync(string archive, params string[] names)
    {
        ContainerConfig[] configs = [.. names.Select(name => Daemon.ContainerConfig(name))];
        return _daemon.Checkpoints.RestorePod.ExecuteAsync(archive, Daemon.PodConfig(), "", configs, CancellationToken.None);
    }

    private void AssertNothing()
    {
        Assert.Empty(_daemon.State.Pods.Current);
        Assert.Empty(_daemon.State.Containers.Current);
        string checkpoints = Path.Join(_daemon.Settings.Root, "checkpoints");
        Assert.Empty(Directory.Exists(checkpoints) ? Directory.GetFileSystemEntries(checkpoints) : []);
    }

    private string Archive(string? dump)
    {
        string path = Path.Join(_daemon.Base, "pod.tar");
        using FileStream file = File.Create(path);
        using TarWriter tar = new(file);
        if (dump is not null)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "pod.dump") { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(dump)) });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "container-0.tar") { DataStream = new MemoryStream(new byte[1024]) });
        return path;
    }
}
