using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>The storey over posix_spawn(3): options in, a pid out.</summary>
internal static unsafe class PosixSpawn
{
    private const int LastSignal = 64;

    internal static int Spawn(SpawnOptions options)
    {
        byte* actions = stackalloc byte[Libc.SpawnObjectSize];
        byte* attributes = stackalloc byte[Libc.SpawnObjectSize];
        List<FileDescriptor> borrowed = [];
        using CStrings strings = new();
        Check(Libc.SpawnActionsInit(actions), "posix_spawn_file_actions_init");
        Check(Libc.SpawnAttributesInit(attributes), "posix_spawnattr_init");
        try
        {
            SetAttributes(attributes, options);
            AddActions(actions, options, strings, borrowed);
            int pid;
            byte** environment = options.Environment is { } given ? strings.Array(given) : strings.Array(OwnEnvironment());
            Check(
                Libc.PosixSpawn(&pid, strings.Add(options.Path), actions, attributes, strings.Array(options.Arguments), environment),
                "posix_spawn",
                options.Path);
            return pid;
        }
        finally
        {
            // Both return 0 always; there is nothing to check.
            _ = Libc.SpawnActionsDestroy(actions);
            _ = Libc.SpawnAttributesDestroy(attributes);
            foreach (FileDescriptor fd in borrowed)
                fd.Dispose();
        }
    }

    private static void SetAttributes(byte* attributes, SpawnOptions options)
    {
        ulong* signals = stackalloc ulong[Libc.SignalSetWords];
        new Span<ulong>(signals, Libc.SignalSetWords).Clear();
        foreach (int signal in options.BlockedSignals)
            signals[0] |= 1UL << (signal - 1);
        Check(Libc.SpawnAttributesSetSignalMask(attributes, signals), "posix_spawnattr_setsigmask");
        // All but SIGKILL (9), SIGSTOP (19), whose disposition is fixed, and glibc's own 32 and 33.
        signals[0] = ulong.MaxValue & ~(1UL << 8) & ~(1UL << 18) & ~(3UL << 31);
        Check(Libc.SpawnAttributesSetDefaultSignals(attributes, signals), "posix_spawnattr_setsigdefault");
        short flags = Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK;
        if (options.NewSession)
            flags |= Libc.POSIX_SPAWN_SETSID;
        Check(Libc.SpawnAttributesSetFlags(attributes, flags), "posix_spawnattr_setflags");
    }

    private static void AddActions(byte* actions, SpawnOptions options, CStrings strings, List<FileDescriptor> borrowed)
    {
        int count = options.Descriptors.Count;
        for (int i = 0; i < count; i++)
        {
            if (options.Descriptors[i] is not { } fd)
            {
                Check(Libc.SpawnActionsAddOpen(actions, i, strings.Add("/dev/null"), flags: 2 /* O_RDWR */, 0), "posix_spawn_file_actions_addopen");
                continue;
            }

            // A source numbered like a later target would be overwritten before its turn: move it out of the way.
            // dup2 of a number onto itself keeps close-on-exec in older libraries, so those move too.
            if (fd.Number < count)
            {
                fd = fd.Duplicate(atLeast: count);
                borrowed.Add(fd);
            }

            Check(Libc.SpawnActionsAddDup2(actions, fd.Number, i), "posix_spawn_file_actions_adddup2");
        }

        Check(Libc.SpawnActionsAddCloseFrom(actions, count), "posix_spawn_file_actions_addclosefrom_np");
        if (options.WorkingDirectory is { } directory)
            Check(Libc.SpawnActionsAddChangeDirectory(actions, strings.Add(directory)), "posix_spawn_file_actions_addchdir_np");
    }

    private static List<string> OwnEnvironment()
    {
        List<string> own = [];
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            own.Add($"{entry.Key}={entry.Value}");
        return own;
    }

    private static void Check(int errno, string operation, string? path = null)
    {
        if (errno != 0)
            throw new LinuxException(operation, path, (Errno)errno);
    }

    /// <summary>NUL-terminated UTF-8 strings and arrays of them, freed together.</summary>
    private sealed class CStrings : IDisposable
    {
        private readonly List<nint> _blocks = [];

        public byte* Add(string text)
        {
            if (text.Contains('\0'))
                throw new ArgumentException($"a NUL inside \"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\"");
            nint block = Marshal.StringToCoTaskMemUTF8(text);
            _blocks.Add(block);
            return (byte*)block;
        }

        public byte** Array(IReadOnlyList<string> texts)
        {
            nint block = Marshal.AllocCoTaskMem((texts.Count + 1) * sizeof(byte*));
            _blocks.Add(block);
            byte** array = (byte**)block;
            for (int i = 0; i < texts.Count; i++)
                array[i] = Add(texts[i]);
            array[texts.Count] = null;
            return array;
        }

        public void Dispose()
        {
            foreach (nint block in _blocks)
                Marshal.FreeCoTaskMem(block);
        }
    }
}
