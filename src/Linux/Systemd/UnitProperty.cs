using System.Collections.Immutable;

namespace CriRuntime.Linux.Systemd;

/// <summary>A property of a unit by its D-Bus name and type (org.freedesktop.systemd1(5)).</summary>
public abstract record UnitProperty(string Name)
{
    /// <summary>A string.</summary>
    public sealed record Text(string Name, string Value) : UnitProperty(Name);

    public sealed record Flag(string Name, bool Value) : UnitProperty(Name);

    /// <summary>An unsigned 64-bit number; <see cref="ulong.MaxValue"/> is infinity.</summary>
    public sealed record Number(string Name, ulong Value) : UnitProperty(Name);

    /// <summary>A signed 32-bit number.</summary>
    public sealed record Integer(string Name, int Value) : UnitProperty(Name);

    /// <summary>Names of units.</summary>
    public sealed record Units(string Name, ImmutableArray<string> Values) : UnitProperty(Name)
    {
        public bool Equals(Units? other) => other is not null && Name == other.Name && Values.SequenceEqual(other.Values);

        public override int GetHashCode() => HashCode.Combine(Name, Values.Length);
    }

    /// <summary>Processes, by their ids in systemd's pid namespace.</summary>
    public sealed record Processes(string Name, ImmutableArray<uint> Values) : UnitProperty(Name)
    {
        public bool Equals(Processes? other) => other is not null && Name == other.Name && Values.SequenceEqual(other.Values);

        public override int GetHashCode() => HashCode.Combine(Name, Values.Length);
    }

    /// <summary>A set of CPUs or memory nodes: bit n of byte n/8 is number n. None: no restriction.</summary>
    public sealed record Mask(string Name, ImmutableArray<byte> Bits) : UnitProperty(Name)
    {
        public bool Equals(Mask? other) => other is not null && Name == other.Name && Bits.SequenceEqual(other.Bits);

        public override int GetHashCode() => HashCode.Combine(Name, Bits.Length);
    }
}
