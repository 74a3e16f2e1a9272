using System.Text;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Planning;

/// <summary>What every overlay mount needs, of the root or of a volume: its layers in the form that the kernel takes (overlayfs.rst).</summary>
internal static class OverlaySteps
{
    /// <summary>The longest data string of mount(2): a page with its NUL.</summary>
    private const int LongestMountData = 4095;

    /// <summary>The child's part of a superblock that is not created yet: Linux 6.7 or newer, each layer by itself.</summary>
    /// <returns>The slot of the context.</returns>
    internal static int OpenContext(PlanWriter plan, string label, IReadOnlyList<string> lower)
    {
        int context = plan.NewSlot();
        plan.OnHost(new(StepKind.FsOpen, label) { Slot = context, Text = "overlay" });
        foreach (string directory in lower)
            Set(plan, context, "lowerdir+", directory);
        return context;
    }

    internal static void Set(PlanWriter plan, int context, string key, string value) =>
        plan.OnHost(new(StepKind.FsSetString, $"overlay {key} {value}") { Slot = context, Text = key, Text2 = value });

    /// <summary>Before Linux 6.7. Many layers exceed the page that mount(2) takes; relative to the directory that all share they fit.</summary>
    /// <param name="options">All but the lower directories, in the kernel's form.</param>
    internal static void MountByString(PlanWriter plan, string mountPoint, string label, IReadOnlyList<string> lower, IReadOnlyList<string> options)
    {
        string data = Data(lower, options);
        if (Encoding.UTF8.GetByteCount(data) > LongestMountData)
        {
            string shared = SharedDirectory(lower);
            plan.OnHost(new(StepKind.ChangeDirectory, label) { Text = shared });
            data = Data(lower.Select(path => Path.GetRelativePath(shared, path)), options);
        }
        if (Encoding.UTF8.GetByteCount(data) > LongestMountData)
            throw new ArgumentException($"The overlay's {lower.Count} layers do not fit into one mount; Linux 6.7 or newer has no such limit.", nameof(lower));
        plan.OnHost(new(StepKind.MountLegacy, label)
        {
            Text = mountPoint,
            Text2 = "overlay",
            Blob = Encoding.UTF8.GetBytes(data + '\0'),
        });
    }

    /// <summary>In one string with the others a context needs quotes, for its categories have commas.</summary>
    internal static string QuotedContext(string selinux) => $"context=\"{selinux}\"";

    private static string Data(IEnumerable<string> lower, IReadOnlyList<string> options) =>
        string.Join(',', [$"lowerdir={OptionPaths.Join(lower)}", .. options]);

    private static string SharedDirectory(IReadOnlyList<string> paths)
    {
        string shared = Path.GetDirectoryName(paths[0])!;
        while (shared.Length > 1 && !paths.All(path => path.StartsWith(shared + "/", StringComparison.Ordinal)))
            shared = Path.GetDirectoryName(shared)!;
        return shared;
    }
}
