using System.Collections.Concurrent;
using System.Security.Cryptography;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.SeccompFilters;

/// <summary>
/// Compiled filters by the content of their section: containers of a node share a handful of profiles, and compiling one costs
/// milliseconds. A section object seen before is not even serialised again.
/// </summary>
public static class SeccompProgramCache
{
    /// <summary>Beyond this many distinct profiles the cache starts anew, so that generated profiles cannot fill the memory.</summary>
    private const int Capacity = 64;

    private static readonly ConcurrentDictionary<Key, SeccompProgram> Programs = new();
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Seccomp, SeccompProgram> ByIdentity = [];

    /// <summary>The program of a section; safe for use by several threads.</summary>
    /// <exception cref="SeccompException">See <see cref="SeccompCompiler.Compile"/>.</exception>
    public static SeccompProgram Get(Seccomp seccomp)
    {
        if (ByIdentity.TryGetValue(seccomp, out SeccompProgram? program))
            return program;
        program = GetByContent(seccomp);
        ByIdentity.TryAdd(seccomp, program);
        return program;
    }

    private static SeccompProgram GetByContent(Seccomp seccomp)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(SpecJson.Write(seccomp), hash);
        var key = new Key(BitConverter.ToUInt128(hash), BitConverter.ToUInt128(hash[16..]));
        if (Programs.TryGetValue(key, out SeccompProgram? program))
            return program;
        program = SeccompCompiler.Compile(seccomp);
        if (Programs.Count >= Capacity)
            Programs.Clear();
        return Programs.GetOrAdd(key, program);
    }

    private readonly record struct Key(UInt128 High, UInt128 Low);
}
