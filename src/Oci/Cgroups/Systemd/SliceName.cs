using System.Text;

namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>Names of systemd's slices and where their cgroups are (systemd.slice(5)): a dash in the name is a level of the tree.</summary>
public static class SliceName
{
    public const string Suffix = ".slice";

    /// <summary>The slice that is the root of the tree.</summary>
    private const string Root = "-.slice";

    /// <summary>UNIT_NAME_MAX of systemd, without the final NUL.</summary>
    private const int MaxLength = 255;

    private static readonly string[] Controllers = ["cpu", "cpuacct", "cpuset", "io", "blkio", "memory", "devices", "pids", "bpf-firewall", "bpf-devices", "bpf-foreign", "bpf-socket-bind", "bpf-restrict-network-interfaces"];

    /// <summary>The cgroup of a slice: <c>a-b.slice</c> is <c>/a.slice/a-b.slice</c>, and <c>-.slice</c> is <c>/</c>.</summary>
    /// <exception cref="CgroupException">It is not the name of a slice.</exception>
    public static string Expand(string slice)
    {
        Check(slice);
        if (slice == Root)
            return "/";
        string stem = slice[..^Suffix.Length];
        StringBuilder path = new();
        for (int dash = stem.IndexOf('-', StringComparison.Ordinal); dash >= 0; dash = stem.IndexOf('-', dash + 1))
            path.Append('/').Append(Escape(stem[..dash] + Suffix));
        return path.Append('/').Append(Escape(slice)).ToString();
    }

    /// <summary>
    /// The slice that a caller means by its name, or by the whole path of its cgroup, which is how the kubelet writes it.
    /// </summary>
    /// <exception cref="CgroupException">It is neither.</exception>
    public static string Parse(string text)
    {
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            Check(text);
            return text;
        }
        string slice = text[(text.LastIndexOf('/') + 1)..];
        return text.StartsWith('/') && text == Expand(Unescape(slice)) ? Unescape(slice) : throw new CgroupException($"\"{text}\" is not where systemd puts a slice");
    }

    /// <summary>
    /// The directory of a unit's cgroup. A name that could be a file of the cgroup itself has an underscore in front (CGROUP_INTERFACE in systemd's documentation).
    /// </summary>
    internal static string Escape(string unit)
    {
        bool clashes = unit[0] is '_' or '.' || unit.StartsWith("cgroup.", StringComparison.Ordinal)
            || Array.Exists(Controllers, controller => unit.StartsWith(controller + ".", StringComparison.Ordinal));
        return clashes ? "_" + unit : unit;
    }

    internal static string Unescape(string directory) => directory.StartsWith('_') ? directory[1..] : directory;

    /// <summary>In names of units (systemd.unit(5)), where they are not templates.</summary>
    internal static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '\\';

    private static void Check(string slice)
    {
        if (!slice.EndsWith(Suffix, StringComparison.Ordinal) || slice.Length > MaxLength)
            throw new CgroupException($"\"{Shorten(slice)}\" is not the name of a slice: that ends in {Suffix} and has at most {MaxLength} characters");
        if (slice == Root)
            return;
        string stem = slice[..^Suffix.Length];
        foreach (char c in stem)
        {
            if (!IsAllowed(c))
                throw new CgroupException($"\"{slice}\" is not the name of a slice: only letters, digits and - _ . : \\ are allowed");
        }
        if (stem.Length == 0 || stem.StartsWith('-') || stem.EndsWith('-') || stem.Contains("--", StringComparison.Ordinal))
            throw new CgroupException($"\"{slice}\" is not the name of a slice: between its dashes there must be names");
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}
