using CriRuntime.Images.Tests.Layers;

namespace CriRuntime.Images.Tests.Store;

/// <summary>What a power cut or a kill may leave on disk.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private readonly TestStore _test = new();

    public async ValueTask InitializeAsync()
    {
        await _test.OpenAsync();
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a", "1"), new TarBuilder().File("b", "2"));
        await _test.PullAsync("one");
    }

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Unfinished_work_is_discarded()
    {
        await _test.ReopenAsync(() =>
        {
            Directory.CreateDirectory(Path.Combine(_test.Root, "staging", "7", "fs", "half"));
            Directory.CreateDirectory(Path.Combine(_test.Root, "l", "zz", "no", "record"));
            Directory.CreateDirectory(Path.Combine(_test.Root, "ingest", "x"));
            Directory.CreateDirectory(Path.Combine(_test.Root, "trash", "y"));
            Directory.CreateDirectory(Path.Combine(_test.Root, "spill", ".spill-3", "z"));
            Directory.CreateDirectory(Path.Combine(_test.Root, "snapshots", ".tmp-1", "upper"));
            File.WriteAllText(Path.Combine(_test.Root, "images", ".tmp-2"), "{");
            File.WriteAllText(Path.Combine(_test.Root, "layers", ".tmp-3"), "");
        });
        await _test.Store.WhenCleanAsync();

        Assert.Single(_test.Store.List());
        Assert.Equal(2, _test.Entries("l").Count);
        Assert.Single(_test.Entries("images"));
        Assert.Equal(2, _test.Entries("layers").Count);
        foreach (string folder in new[] { "staging", "ingest", "trash", "spill", "snapshots" })
        {
            Assert.Empty(_test.Entries(folder));
        }
    }

    [Fact]
    public async Task An_image_that_lost_a_layer_is_not_shown_and_a_pull_fetches_that_layer_only()
    {
        await _test.ReopenAsync(() => Directory.Delete(Path.Combine(_test.Root, "l", _test.Entries("l")[0]), recursive: true));

        Assert.Empty(_test.Store.List());
        _test.Fetched.Clear();
        await _test.PullAsync("one");
        Assert.Single(_test.Store.List());
        Assert.Single(_test.Fetched, f => f.Value == 1 && _test.Registry["docker.io/library/one:latest"].LayerDigests.Contains(f.Key));
    }

    [Theory]
    [InlineData("images")]
    [InlineData("layers")]
    [InlineData("blobs/sha256")]
    public async Task Zero_byte_files_cost_the_image_and_a_pull_brings_it_back(string folder)
    {
        await _test.ReopenAsync(() =>
        {
            foreach (string file in _test.Entries(folder))
            {
                File.WriteAllText(Path.Combine(_test.Root, folder, file), "");
            }
        });

        Assert.Empty(_test.Store.List());
        await _test.PullAsync("one");
        Assert.Single(_test.Store.List());
        await _test.ReopenAsync();
        Assert.Single(_test.Store.List());
    }

    [Fact]
    public async Task Records_of_a_future_version_are_not_guessed_at()
    {
        await _test.ReopenAsync(() =>
        {
            string file = Path.Combine(_test.Root, "images", _test.Entries("images")[0]);
            File.WriteAllText(file, File.ReadAllText(file).Replace("\"version\":1", "\"version\":99", StringComparison.Ordinal));
        });

        Assert.Empty(_test.Store.List());
    }

    [Fact]
    public async Task Layers_of_an_interrupted_pull_are_used_by_the_next()
    {
        LayeredImage two = _test.Registry["docker.io/library/two:latest"] = new LayeredImage(new TarBuilder().File("done"), new TarBuilder().File("fails"));
        _test.BeforeBlob = async (digest, _) =>
        {
            if (digest == two.LayerDigests[1])
            {
                for (int i = 0; i < 500 && _test.Entries("layers").Count(f => f.EndsWith(".json", StringComparison.Ordinal)) < 3; i++)
                {
                    await Task.Delay(10, TestContext.Current.CancellationToken);
                }

                throw new IOException("cut");
            }
        };
        await Assert.ThrowsAnyAsync<Exception>(() => _test.PullAsync("two"));
        await _test.ReopenAsync();
        _test.BeforeBlob = (_, _) => Task.CompletedTask;

        await _test.PullAsync("two");

        Assert.Equal(1, _test.Fetched[two.LayerDigests[0]]);
        Assert.Equal(2, _test.Fetched[two.LayerDigests[1]]);
    }
}
