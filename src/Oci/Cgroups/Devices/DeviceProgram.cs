using System.Collections.Immutable;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Devices;

/// <summary>
/// The v2 device filter: a BPF program (BPF_PROG_TYPE_CGROUP_DEVICE) that the kernel asks about every open and mknod of a device.
/// The last rule about a device decides for each kind of access. So the program goes through the rules from the last to the first
/// with the accesses still undecided; a deny that meets one of them ends it with 0, and when none is left, with 1.
/// </summary>
internal static class DeviceProgram
{
    // Registers: the context on entry, then its parts.
    private const int Result = 0;
    private const int Context = 1;
    private const int Type = 2;
    private const int Undecided = 3;
    private const int Major = 4;
    private const int Minor = 5;
    private const int Scratch = 6;

    // struct bpf_cgroup_dev_ctx: access_type is (access << 16 | type), then major, minor.
    private const short AccessTypeOffset = 0;
    private const short MajorOffset = 4;
    private const short MinorOffset = 8;

    private const int BlockDevice = 1;
    private const int CharacterDevice = 2;

    /// <summary>Instructions of 8 bytes for rules in their order, starting from "deny all".</summary>
    internal static ImmutableArray<byte> Generate(IReadOnlyList<DeviceRule> rules)
    {
        var code = new BpfWriter();
        code.LoadWord(Type, Context, AccessTypeOffset);
        code.Move(Undecided, Type);
        code.And(Type, 0xffff);
        code.ShiftRight(Undecided, 16);
        code.LoadWord(Major, Context, MajorOffset);
        code.LoadWord(Minor, Context, MinorOffset);
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            if (DeviceRules.IsEverything(rules[i]))
            {
                code.Return(Result, rules[i].Allow ? 1 : 0);
                return code.ToBytes();
            }
            Append(code, rules[i]);
        }
        code.Return(Result, 0);
        return code.ToBytes();
    }

    private static void Append(BpfWriter code, DeviceRule rule)
    {
        var access = DeviceRules.Access(rule);
        List<int> skips = [];
        if (rule.Type is "b" or "c")
            skips.Add(code.JumpIfNotEqual(Type, rule.Type == "b" ? BlockDevice : CharacterDevice));
        if (DeviceRules.Number(rule.Major) is >= 0 and var major)
            skips.Add(code.JumpIfNotEqual(Major, unchecked((int)(uint)major)));
        if (DeviceRules.Number(rule.Minor) is >= 0 and var minor)
            skips.Add(code.JumpIfNotEqual(Minor, unchecked((int)(uint)minor)));
        if (rule.Allow)
        {
            code.And(Undecided, ~(int)access & (int)DeviceAccess.All);
            skips.Add(code.JumpIfNotEqual(Undecided, 0));
            code.Return(Result, 1);
        }
        else
        {
            code.Move(Scratch, Undecided);
            code.And(Scratch, (int)access);
            skips.Add(code.JumpIfEqual(Scratch, 0));
            code.Return(Result, 0);
        }
        foreach (int skip in skips)
            code.Land(skip);
    }
}
