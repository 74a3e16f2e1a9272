using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests.Content;

public sealed class TreeRemovalTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_tree_deeper_than_any_path_and_than_all_descriptors_is_removed_in_constant_memory()
    {
        const int Depth = 6_000;
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using DirectoryFd spill = StoreDirectory.Open(root, "spill");
        MakeChain(root, "deep", Depth);
        long before = GC.GetAllocatedBytesForCurrentThread();

        TreeRemoval.Remove(root, "deep", spill);

        Assert.Null(root.TryStat("deep"u8));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_tree.Path, "spill")));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000, "short-lived objects only");
        Assert.Equal(2, Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(PointsIntoTheTree)); // root and spill
    }

    [Fact]
    public void What_links_lead_to_stays()
    {
        string outside = Path.Combine(_tree.Path, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "file"), "safe");
        string tree = Path.Combine(_tree.Path, "tree");
        Directory.CreateDirectory(tree);
        File.CreateSymbolicLink(Path.Combine(tree, "link"), outside);
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using DirectoryFd spill = StoreDirectory.Open(root, "spill");

        TreeRemoval.Remove(root, "tree", spill);

        Assert.False(Directory.Exists(tree));
        Assert.Equal("safe", File.ReadAllText(Path.Combine(outside, "file")));
    }

    [Fact]
    public void A_wide_tree_and_leftovers_of_an_earlier_removal_are_removed()
    {
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using DirectoryFd spill = StoreDirectory.Open(root, "spill");
        Directory.CreateDirectory(Path.Combine(_tree.Path, "spill", ".spill-0", "old"));
        MakeChain(root, "a", 200);
        for (int i = 0; i < 5000; i++)
        {
            File.WriteAllText(Path.Combine(_tree.Path, "a", i.ToString(System.Globalization.CultureInfo.InvariantCulture)), "");
        }

        TreeRemoval.Remove(root, "a", spill);

        Assert.Null(root.TryStat("a"u8));
    }

    [Fact]
    public void Nothing_to_remove_is_fine()
    {
        using DirectoryFd root = DirectoryFd.Open(_tree.Path);
        using DirectoryFd spill = StoreDirectory.Open(root, "spill");

        TreeRemoval.Remove(root, "missing", spill);
    }

    private bool PointsIntoTheTree(string descriptor) =>
        new FileInfo(descriptor).LinkTarget?.StartsWith(_tree.Path, StringComparison.Ordinal) == true;

    private static void MakeChain(DirectoryFd root, string name, int depth)
    {
        byte[] path = Encoding.ASCII.GetBytes(name);
        DirectoryFd current = root;
        for (int i = 0; i < depth; i++)
        {
            current.TryMakeDirectory(path, 0x1C0);
            DirectoryFd next = current.OpenDirectory(path);
            if (current != root)
            {
                current.Dispose();
            }

            current = next;
        }

        current.Dispose();
    }
}
