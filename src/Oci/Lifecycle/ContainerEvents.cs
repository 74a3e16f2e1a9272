using System.Text;
using System.Text.Json;
using CriRuntime.Oci.Cgroups.Stats;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>What <c>events</c> prints, an object a line, in runc's form. Figures that this runtime does not read are left out.</summary>
public static class ContainerEvents
{
    /// <summary>A process of the container was killed for want of memory.</summary>
    public static string Oom(string id) => Line(id, "oom", static _ => { });

    public static string Stats(string id, CgroupStats stats) => Line(id, "stats", json =>
    {
        json.WriteStartObject("data"u8);
        WriteCpu(json, stats.Cpu ?? default);
        WriteMemory(json, stats.Memory ?? default);
        json.WriteStartObject("pids"u8);
        json.WriteNumber("current"u8, stats.Pids?.Current ?? 0);
        if (stats.Pids?.Limit is { } limit)
            json.WriteNumber("limit"u8, limit);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteCpu(Utf8JsonWriter json, CpuStats cpu)
    {
        json.WriteStartObject("cpu"u8);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("total"u8, cpu.UsageNanoseconds);
        json.WriteNumber("kernel"u8, cpu.SystemNanoseconds);
        json.WriteNumber("user"u8, cpu.UserNanoseconds);
        json.WriteEndObject();
        json.WriteStartObject("throttling"u8);
        json.WriteNumber("periods"u8, cpu.Periods);
        json.WriteNumber("throttledPeriods"u8, cpu.ThrottledPeriods);
        json.WriteNumber("throttledTime"u8, cpu.ThrottledNanoseconds);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>An unlimited amount is the largest number, as the kernel's own is for runc.</summary>
    private static void WriteMemory(Utf8JsonWriter json, MemoryStats memory)
    {
        json.WriteStartObject("memory"u8);
        WriteAmount(json, "usage", memory.Usage, memory.Limit);
        if (memory.SwapUsage is { } swap)
            WriteAmount(json, "swap", swap, memory.SwapLimit);
        json.WriteStartObject("raw"u8);
        json.WriteNumber("rss"u8, memory.Rss);
        json.WriteNumber("working_set"u8, memory.WorkingSet);
        json.WriteNumber("pgfault"u8, memory.PageFaults);
        json.WriteNumber("pgmajfault"u8, memory.MajorPageFaults);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAmount(Utf8JsonWriter json, string name, ulong usage, ulong? limit)
    {
        json.WriteStartObject(name);
        json.WriteNumber("limit"u8, limit ?? ulong.MaxValue);
        json.WriteNumber("usage"u8, usage);
        json.WriteEndObject();
    }

    private static string Line(string id, string type, Action<Utf8JsonWriter> content)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("id"u8, id);
            content(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }
}
