using CriRuntime.Nri.Api;
using Google.Protobuf.Collections;

namespace CriRuntime.Nri.Merging;

/// <summary>Merges what several plugins, one after another, want of a container that is being made. Each sees the container as those before it have left it.</summary>
internal sealed class AdjustmentMerge
{
    private readonly FieldOwnership _owners = new();
    private readonly UpdateMerge _updates;
    private readonly List<ContainerEviction> _evictions = [];
    private readonly ContainerAdjustment _merged = new()
    {
        Hooks = new Hooks(),
        Linux = new LinuxContainerAdjustment { Resources = new LinuxResources { Memory = new LinuxMemory(), Cpu = new LinuxCPU() } },
    };

    /// <param name="container">Changed by this.</param>
    internal AdjustmentMerge(Container container)
    {
        Container = container;
        _updates = new UpdateMerge(_owners, creating: container.Id);
        container.Hooks ??= new Hooks();
        container.Linux ??= new LinuxContainer();
        container.Linux.Resources ??= new LinuxResources();
    }

    /// <summary>For the next plugin.</summary>
    internal Container Container { get; }

    internal ContainerDecision Decision => new(_merged, _updates.Others, _evictions, _owners.Message);

    /// <exception cref="NriException">It contradicts an earlier plugin; both are named.</exception>
    internal void Apply(string plugin, CreateContainerResponse response)
    {
        if (response.Adjust is { } adjust)
        {
            EntryMerge entries = new(_owners, Container.Id, plugin);
            ApplyProcess(plugin, adjust, entries);
            ApplyMounts(adjust, entries);
            AddHooks(plugin, adjust.Hooks);
            if (adjust.Linux is { } linux)
            {
                ApplyEntries(linux, entries);
                ApplySettings(plugin, linux);
            }
        }

        _updates.Apply(plugin, response.Update);
        _evictions.AddRange(response.Evict);
    }

    private void ApplyProcess(string plugin, ContainerAdjustment adjust, EntryMerge entries)
    {
        entries.Map(Field.Annotations, adjust.Annotations, _merged.Annotations, Container.Annotations, "");
        entries.List(
            Field.Env, adjust.Env, _merged.Env, variable => variable.Key,
            name => EntryMerge.Take(Container.Env, name, variable => variable.Split('=', 2)[0]),
            variable => Container.Env.Add($"{variable.Key}={variable.Value}"));
        if (adjust.Args.Count > 0)
            ReplaceArgs(plugin, adjust.Args);
        foreach (POSIXRlimit limit in adjust.Rlimits)
        {
            _owners.Claim(Container.Id, Field.Rlimits, limit.Type, plugin);
            _merged.Rlimits.Add(limit);
            EntryMerge.Take(Container.Rlimits, limit.Type, item => item.Type);
            Container.Rlimits.Add(limit);
        }

        foreach (CDIDevice device in adjust.CdiDevices)
        {
            _owners.Claim(Container.Id, Field.CdiDevices, device.Name, plugin);
            _merged.CdiDevices.Add(device);
        }
    }

    /// <summary>An empty first argument says: whoever has set them before.</summary>
    private void ReplaceArgs(string plugin, RepeatedField<string> args)
    {
        bool forced = args[0].Length == 0;
        if (forced)
            _owners.Clear(Container.Id, Field.Args, plugin);
        _owners.Claim(Container.Id, Field.Args, plugin);
        _merged.Args.Clear();
        _merged.Args.Add(forced ? args.Skip(1) : args);
        Container.Args.Clear();
        Container.Args.Add(_merged.Args);
    }

    private void ApplyMounts(ContainerAdjustment adjust, EntryMerge entries) => entries.List(
        Field.Mounts, adjust.Mounts, _merged.Mounts, mount => mount.Destination,
        destination => EntryMerge.Take(Container.Mounts, destination, mount => mount.Destination), Container.Mounts.Add);

    private void AddHooks(string plugin, Hooks? hooks)
    {
        if (hooks is null || hooks.CalculateSize() == 0)
            return;
        _owners.Share(Container.Id, Field.OciHooks, plugin);
        _merged.Hooks.MergeFrom(hooks);
        Container.Hooks.MergeFrom(hooks);
    }

    private void ApplyEntries(LinuxContainerAdjustment adjust, EntryMerge entries)
    {
        LinuxContainer shown = Container.Linux;
        LinuxContainerAdjustment merged = _merged.Linux;
        entries.List(
            Field.Devices, adjust.Devices, merged.Devices, device => device.Path,
            path => EntryMerge.Take(shown.Devices, path, device => device.Path), shown.Devices.Add);
        entries.List(
            Field.Namespace, adjust.Namespaces, merged.Namespaces, ns => ns.Type,
            type => EntryMerge.Take(shown.Namespaces, type, ns => ns.Type), shown.Namespaces.Add);
        entries.Map(Field.Sysctl, adjust.Sysctl, merged.Sysctl, shown.Sysctl, "");
        entries.Map(Field.NetDevices, adjust.NetDevices, merged.NetDevices, shown.NetDevices, new LinuxNetDevice());
    }

    private void ApplySettings(string plugin, LinuxContainerAdjustment adjust)
    {
        LinuxContainer shown = Container.Linux;
        LinuxContainerAdjustment merged = _merged.Linux;
        if (adjust.Resources is { } resources)
            new ResourceMerge(_owners, Container.Id, plugin).Apply(resources, merged.Resources, shown.Resources);
        if (adjust.CgroupsPath.Length > 0)
            shown.CgroupsPath = merged.CgroupsPath = Claimed(plugin, Field.CgroupsPath, adjust.CgroupsPath);
        if (adjust.OomScoreAdj is not null)
            shown.OomScoreAdj = merged.OomScoreAdj = Claimed(plugin, Field.OomScoreAdj, adjust.OomScoreAdj);
        if (adjust.IoPriority is not null)
            shown.IoPriority = merged.IoPriority = Claimed(plugin, Field.IoPriority, adjust.IoPriority);
        if (adjust.SeccompPolicy is not null)
            shown.SeccompPolicy = merged.SeccompPolicy = Claimed(plugin, Field.SeccompPolicy, adjust.SeccompPolicy);
        if (adjust.Scheduler is not null)
            shown.Scheduler = merged.Scheduler = Claimed(plugin, Field.Scheduler, adjust.Scheduler);
        if (adjust.MemoryPolicy is not null)
            merged.MemoryPolicy = Claimed(plugin, Field.MemoryPolicy, adjust.MemoryPolicy);
        if (adjust.Rdt is not null)
            shown.Rdt = merged.Rdt = Merge(plugin, adjust.Rdt, merged.Rdt);
    }

    private LinuxRdt Merge(string plugin, LinuxRdt asked, LinuxRdt? former)
    {
        LinuxRdt merged = former is null || asked.Remove ? new LinuxRdt { Remove = asked.Remove } : former.Clone();
        if (asked.Remove)
        {
            foreach (Field field in (Field[])[Field.RdtClosId, Field.RdtSchemata, Field.RdtMonitoring])
                _owners.Clear(Container.Id, field, plugin);
        }

        if (asked.ClosId is not null)
            merged.ClosId = Claimed(plugin, Field.RdtClosId, asked.ClosId);
        if (asked.Schemata is not null)
            merged.Schemata = Claimed(plugin, Field.RdtSchemata, asked.Schemata);
        if (asked.EnableMonitoring is not null)
            merged.EnableMonitoring = Claimed(plugin, Field.RdtMonitoring, asked.EnableMonitoring);
        merged.Remove = merged is { Remove: true, ClosId: null, Schemata: null, EnableMonitoring: null };
        return merged;
    }

    private T Claimed<T>(string plugin, Field field, T value)
    {
        _owners.Claim(Container.Id, field, plugin);
        return value;
    }
}
