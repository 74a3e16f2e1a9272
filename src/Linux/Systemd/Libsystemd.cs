using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Systemd;

/// <summary>
/// The floor of libsystemd's D-Bus client (sd-bus(3)). Results below 0 are -errno. Only calls with fixed arguments: the variadic ones are shorthands for these.
/// The library is loaded at the first call.
/// </summary>
internal static unsafe partial class Libsystemd
{
    private const string Library = "libsystemd.so.0";

    [StructLayout(LayoutKind.Sequential)]
    internal struct BusError
    {
        internal byte* Name;
        internal byte* Message;
        internal int NeedFree;
    }

    [LibraryImport(Library, EntryPoint = "sd_bus_open_system")]
    internal static partial int OpenSystem(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_new")]
    internal static partial int New(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_address", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetAddress(nint bus, string address);

    [LibraryImport(Library, EntryPoint = "sd_bus_start")]
    internal static partial int Start(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_close_unref")]
    internal static partial nint CloseUnref(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_fd")]
    internal static partial int GetFd(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_events")]
    internal static partial int GetEvents(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_process")]
    internal static partial int Process(nint bus, out nint message);

    /// <summary>Waits at most so many microseconds until there is something to process; 0: there was not.</summary>
    [LibraryImport(Library, EntryPoint = "sd_bus_wait")]
    internal static partial int Wait(nint bus, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_send")]
    internal static partial int Send(nint bus, nint message, out ulong cookie);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_call", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int NewMethodCall(nint bus, out nint message, string destination, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_unref")]
    internal static partial nint Unref(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_basic", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int AppendText(nint message, byte type, string value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_basic")]
    internal static partial int AppendBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_array")]
    internal static partial int AppendArray(nint message, byte type, void* elements, nuint size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_open_container", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenContainer(nint message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_close_container")]
    internal static partial int CloseContainer(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_enter_container", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int EnterContainer(nint message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_basic")]
    internal static partial int ReadBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_reply_cookie")]
    internal static partial int GetReplyCookie(nint message, out ulong cookie);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_is_signal", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int IsSignal(nint message, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_error")]
    internal static partial BusError* GetError(nint message);
}
