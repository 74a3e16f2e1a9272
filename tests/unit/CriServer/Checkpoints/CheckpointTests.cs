using System.Formats.Tar;
using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task Only_a_running_container_is_saved()
    {
        string pod = await _daemon.RunAsync();
        string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        CriException e = await Assert.ThrowsAsync<CriException>(() => _daemon.Checkpoints.Container.ExecuteAsync(id, Path.Join(_daemon.Base, "c.tar"), 0, CancellationToken.None));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("Created, not Running", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("relative.tar")]
    [InlineData("/nonexistent/directory/c.tar")]
    [InlineData("/tmp/")]
    [InlineData("/tmp")]
    public async Task A_location_that_is_no_file_to_be_is_refused(string location)
    {
        (_, string id) = await _daemon.RunningAsync();
        CriException e = await Assert.ThrowsAsync<CriException>(() => _daemon.Checkpoints.Container.ExecuteAsync(id, location, 0, CancellationToken.None));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
    }

    [Theory]
    [InlineData("checkpoint/inventory.img", null, "no checkpoint")]
    [InlineData("config.dump", "{ \"name\": ", "damaged")]
    [InlineData("config.dump", "null", "null")]
    [InlineData("config.dump", "[]", "damaged")]
    [InlineData("config.dump", null, "no config.dump")]
    [InlineData("bind.mounts", "{}", "damaged")]
    [InlineData("bind.mounts", """[{"source":""}]""", "damaged")]
    [InlineData("checkpoint/descriptors.json", "[1]", "damaged")]
    [InlineData("spec.dump", "{ \"linux\": 7 }", "spec.dump")]
    [InlineData("spec.dump", null, "no spec.dump")]
    public async Task A_damaged_archive_is_refused_and_nothing_of_it_stays(string member, string? content, string words)
    {
        string archive = Archive(name => name == member ? content : Sound(name));
        CriException e = await Assert.ThrowsAsync<CriException>(() => Sources().OpenAsync(archive, "c1"));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_daemon.CheckpointDirectories.Of("c1")));
    }

    [Fact]
    public async Task An_archive_whose_image_is_not_here_says_which_to_pull()
    {
        string archive = Archive(name => name == "config.dump" ? """{"rootfsImageName":"far/away:1"}""" : Sound(name));
        CriException e = await Assert.ThrowsAsync<CriException>(() => Sources().OpenAsync(archive, "c1"));
        Assert.Equal(CriErrorKind.NotFound, e.Kind);
        Assert.Contains("far/away:1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_criu_would_take_for_something_else_is_no_stream()
    {
        string archive = Archive(name => name == "checkpoint/descriptors.json" ? """[null, "tty[8800:1]\n", "file[1:2]", "x"]""" : Sound(name));
        Checkpoint checkpoint = (await Sources().OpenAsync(archive, "c1"))!;
        Assert.Equal(["", "", "file[1:2]"], checkpoint.Streams);
        Assert.Equal("sha256:aa", checkpoint.Image.Id);
    }

    [Fact]
    public async Task An_image_that_is_a_checkpoint_is_refused_unless_that_is_configured()
    {
        _daemon.Images.Checkpoints.Add("busybox");
        CheckpointSources sources = new(_daemon.Settings, _daemon.Images, _daemon.CheckpointDirectories, new Criu(_daemon.Settings));
        CriException e = await Assert.ThrowsAsync<CriException>(() => sources.OpenAsync("busybox", "c1"));
        Assert.Contains("checkpoints.restoreImages", e.Message, StringComparison.Ordinal);
        Assert.Null(await sources.OpenAsync("other", "c1"));
    }

    [Fact]
    public async Task Without_criu_the_refusal_names_the_configuration()
    {
        RuntimeSettings settings = _daemon.Settings with { CriuPath = "/nonexistent/criu" };
        CriException e = await Assert.ThrowsAsync<CriException>(
            () => new CheckpointSources(settings, _daemon.Images, _daemon.CheckpointDirectories, new Criu(settings)).OpenAsync("/a.tar", "c1"));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("/nonexistent/criu", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_earlier_daemon_left_is_swept_but_not_what_a_container_is_to_be_restored_from()
    {
        _daemon.CheckpointDirectories.Make("kept");
        string left = _daemon.CheckpointDirectories.MakeTemporary();
        _daemon.CheckpointDirectories.Sweep(["kept"]);
        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(_daemon.CheckpointDirectories.Of("kept")));
    }

    private CheckpointSources Sources()
    {
        RuntimeSettings settings = _daemon.Settings with { CriuPath = "/bin/true" };
        return new CheckpointSources(settings, _daemon.Images, _daemon.CheckpointDirectories, new Criu(settings));
    }

    private static string? Sound(string name) => name switch
    {
        "config.dump" => """{"rootfsImageName":"busybox"}""",
        "bind.mounts" => """[{"source":"","destination":"/data"}]""",
        "checkpoint/descriptors.json" => "[]",
        "spec.dump" => "{}",
        _ => "x",
    };

    private string Archive(Func<string, string?> content)
    {
        string path = Path.Join(_daemon.Base, "archive.tar");
        using FileStream file = File.Create(path);
        using TarWriter tar = new(file);
        foreach (string name in (string[])["config.dump", "spec.dump", "bind.mounts", "checkpoint/inventory.img", "checkpoint/descriptors.json"])
        {
            if (content(name) is { } text)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) });
        }

        return path;
    }
}
