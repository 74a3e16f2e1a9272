using System.Buffers.Text;

namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>cpu.pressure, memory.pressure and io.pressure of a v2 directory; absent where the kernel has no PSI.</summary>
internal sealed class PressureFiles(string directory)
{
    private readonly string cpu = directory + "/cpu.pressure";
    private readonly string memory = directory + "/memory.pressure";
    private readonly string io = directory + "/io.pressure";

    internal PressureStats? ReadCpu(byte[] buffer) => Read(cpu, buffer);

    internal PressureStats? ReadMemory(byte[] buffer) => Read(memory, buffer);

    internal PressureStats? ReadIo(byte[] buffer) => Read(io, buffer);

    private static PressureStats? Read(string path, byte[] buffer)
    {
        // Opening works and reading gives EOPNOTSUPP with psi=0.
        if (!StatsReader.TryRead(path, buffer, out ReadOnlySpan<byte> text))
            return null;
        PressureLine some = default, full = default;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("some "u8))
                some = Parse(line);
            else if (line.StartsWith("full "u8))
                full = Parse(line);
        }
        return new PressureStats(some, full);
    }

    /// <summary><c>some avg10=0.00 avg60=0.00 avg300=0.00 total=0</c></summary>
    private static PressureLine Parse(ReadOnlySpan<byte> line) =>
        new(Average(line, "avg10="u8), Average(line, "avg60="u8), Average(line, "avg300="u8), CgroupText.Pair(line, "total"u8));

    private static double Average(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key)
    {
        int at = line.IndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(line[(at + key.Length)..], out double value, out _, 'F') ? value : 0;
    }
}
