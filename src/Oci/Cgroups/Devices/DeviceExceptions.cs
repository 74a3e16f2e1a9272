using System.Globalization;
using System.Text;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Devices;

/// <summary>
/// What the v1 controller can hold: a default and exceptions of the other kind (Documentation/admin-guide/cgroup-v1/devices.rst).
/// The kernel takes an exception back only by its exact numbers, so the list is worked out here and written once.
/// </summary>
internal sealed class DeviceExceptions
{
    private readonly List<Entry> entries = [];

    /// <summary>False: everything is denied but the exceptions.</summary>
    internal bool DefaultAllow { get; private set; }

    /// <summary>The result of the rules in their order, starting from "deny all".</summary>
    /// <exception cref="CgroupException">A rule takes back a part of a wider one, which v1 cannot express.</exception>
    internal static DeviceExceptions From(IEnumerable<DeviceRule> rules)
    {
        var exceptions = new DeviceExceptions();
        foreach (DeviceRule rule in rules)
            exceptions.Apply(rule);
        return exceptions;
    }

    /// <summary>The exceptions as the kernel reads them: <c>c 1:3 rwm</c>.</summary>
    internal IEnumerable<string> Lines() => entries.ConvertAll(static e => e.ToString());

    private void Apply(DeviceRule rule)
    {
        if (DeviceRules.IsEverything(rule))
        {
            DefaultAllow = rule.Allow;
            entries.Clear();
            return;
        }
        foreach (char type in DeviceRules.Types(rule))
        {
            var entry = new Entry(type, DeviceRules.Number(rule.Major), DeviceRules.Number(rule.Minor), DeviceRules.Access(rule));
            if (rule.Allow == DefaultAllow)
                TakeBack(entry, rule);
            else
                Add(entry);
        }
    }

    private void Add(Entry added)
    {
        int same = entries.FindIndex(e => e.SameDevices(added));
        if (same < 0)
            entries.Add(added);
        else
            entries[same] = added with { Access = entries[same].Access | added.Access };
    }

    private void TakeBack(Entry taken, DeviceRule rule)
    {
        for (int i = entries.Count - 1; i >= 0; i--)
        {
            Entry entry = entries[i];
            if ((entry.Access & taken.Access) == 0 || !entry.Overlaps(taken))
                continue;
            if (!taken.Covers(entry))
            {
                throw new CgroupException(
                    $"linux.resources.devices: the rule {(rule.Allow ? "allow" : "deny")} {taken} cuts a part out of the earlier rule {entry}; cgroup v1 cannot express that");
            }
            DeviceAccess left = entry.Access & ~taken.Access;
            if (left == DeviceAccess.None)
                entries.RemoveAt(i);
            else
                entries[i] = entry with { Access = left };
        }
    }

    /// <summary>Numbers are -1 for all.</summary>
    private sealed record Entry(char Type, long Major, long Minor, DeviceAccess Access)
    {
        internal bool SameDevices(Entry other) => Type == other.Type && Major == other.Major && Minor == other.Minor;

        internal bool Covers(Entry other) =>
            Type == other.Type && (Major == -1 || Major == other.Major) && (Minor == -1 || Minor == other.Minor);

        internal bool Overlaps(Entry other) =>
            Type == other.Type && Meets(Major, other.Major) && Meets(Minor, other.Minor);

        public override string ToString()
        {
            var text = new StringBuilder(32);
            text.Append(Type).Append(' ').Append(Text(Major)).Append(':').Append(Text(Minor)).Append(' ');
            if (Access.HasFlag(DeviceAccess.Read))
                text.Append('r');
            if (Access.HasFlag(DeviceAccess.Write))
                text.Append('w');
            if (Access.HasFlag(DeviceAccess.Mknod))
                text.Append('m');
            return text.ToString();
        }

        private static bool Meets(long a, long b) => a == -1 || b == -1 || a == b;

        private static string Text(long number) => number == -1 ? "*" : number.ToString(CultureInfo.InvariantCulture);
    }
}
