using System.Buffers;

namespace CriRuntime.Oci.Specs;

/// <summary>Checks of <c>linux.resources</c> that hold for both cgroup versions.</summary>
public static class ResourceValidation
{
    private static readonly SearchValues<char> ListCharacters = SearchValues.Create("0123456789,-:/");

    /// <summary>Throws <see cref="SpecException"/> whose field starts with <paramref name="field"/>.</summary>
    public static void Check(LinuxResources resources, string field)
    {
        for (int i = 0; i < resources.Devices.Count; i++)
            CheckDevice(resources.Devices[i], $"{field}.devices[{i}]");
        CheckMemory(resources.Memory, field + ".memory");
        CheckCpu(resources.Cpu, field + ".cpu");
        CheckBlockIo(resources.BlockIo, field + ".blockIO");
        if (resources.Pids?.Limit is < -1)
            throw new SpecException(field + ".pids.limit", $"{resources.Pids.Limit} is below -1");
        for (int i = 0; i < resources.HugepageLimits.Count; i++)
            CheckPageSize(resources.HugepageLimits[i].PageSize, $"{field}.hugepageLimits[{i}].pageSize");
        foreach ((string file, string value) in resources.Unified)
            CheckUnified(file, value, $"{field}.unified[{file}]");
    }

    private static void CheckDevice(DeviceRule rule, string field)
    {
        if (rule.Type is not (null or "" or "a" or "c" or "b"))
            throw new SpecException(field + ".type", $"\"{rule.Type}\" is not a, c or b");
        if (rule.Access is { } access && access.AsSpan().IndexOfAnyExcept("rwm") >= 0)
            throw new SpecException(field + ".access", $"\"{access}\" has letters other than r, w and m");
        if (rule.Major is < -1 or > uint.MaxValue)
            throw new SpecException(field + ".major", $"{rule.Major} is not a device number");
        if (rule.Minor is < -1 or > uint.MaxValue)
            throw new SpecException(field + ".minor", $"{rule.Minor} is not a device number");
    }

    private static void CheckMemory(MemoryResources? memory, string field)
    {
        if (memory is null)
            return;
        RequireBytes(memory.Limit, field + ".limit");
        RequireBytes(memory.Reservation, field + ".reservation");
        RequireBytes(memory.Swap, field + ".swap");
        RequireBytes(memory.KernelTcp, field + ".kernelTCP");
        if (memory.Swap is > 0 && memory.Limit is > 0 && memory.Swap < memory.Limit)
            throw new SpecException(field + ".swap", $"memory and swap together ({memory.Swap}) are below the memory limit ({memory.Limit})");
        if (memory.Swap is > 0 && memory.Limit is null or -1 or 0)
            throw new SpecException(field + ".swap", "needs a memory limit");
    }

    private static void RequireBytes(long? value, string field)
    {
        if (value is < -1)
            throw new SpecException(field, $"{value} is below -1");
    }

    private static void CheckCpu(CpuResources? cpu, string field)
    {
        if (cpu is null)
            return;
        if (cpu.Idle is not (null or 0 or 1))
            throw new SpecException(field + ".idle", $"{cpu.Idle} is neither 0 nor 1");
        RequireList(cpu.Cpus, field + ".cpus");
        RequireList(cpu.Mems, field + ".mems");
    }

    private static void RequireList(string? list, string field)
    {
        if (list is not null && list.AsSpan().ContainsAnyExcept(ListCharacters))
            throw new SpecException(field, $"\"{list}\" is not a list such as 0-3,7");
    }

    private static void CheckBlockIo(BlockIoResources? io, string field)
    {
        if (io is null)
            return;
        // runc and the kernel take 0 as "not set".
        if (io.Weight is not (null or 0) and (< 10 or > 1000))
            throw new SpecException(field + ".weight", $"{io.Weight} is not in 10..1000");
        for (int i = 0; i < io.WeightDevice.Count; i++)
        {
            if (io.WeightDevice[i].Weight is not (null or 0) and (< 10 or > 1000))
                throw new SpecException($"{field}.weightDevice[{i}].weight", $"{io.WeightDevice[i].Weight} is not in 10..1000");
        }
    }

    private static void CheckPageSize(string size, string field)
    {
        Text.RequireSet(size, field);
        int digits = size.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || size[digits..] is not ("KB" or "MB" or "GB" or "TB"))
            throw new SpecException(field, $"\"{size}\" is not a size such as 2MB");
    }

    private static void CheckUnified(string file, string value, string field)
    {
        if (file.Length == 0 || file.Contains('/', StringComparison.Ordinal) || file is "." or ".." || !file.Contains('.', StringComparison.Ordinal))
            throw new SpecException(field, "is not the name of a cgroup file");
        // These act (move, stop, kill processes, delegate controllers) rather than set; they are the runtime's.
        if (file is "cgroup.procs" or "cgroup.threads" or "cgroup.kill" or "cgroup.freeze" or "cgroup.type" or "cgroup.subtree_control")
            throw new SpecException(field, "is the runtime's to write");
        Text.RequireNoNul(file, field);
        Text.RequireNoNul(value, field);
    }
}
