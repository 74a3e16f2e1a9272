using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Systemd;

/// <summary>A D-Bus message under construction or being read; owned by whoever made or received it, under the connection's lock.</summary>
internal readonly unsafe struct BusMessage(nint handle) : IDisposable
{
    private const byte Array = (byte)'a';
    private const byte Structure = (byte)'r';
    private const byte Variant = (byte)'v';

    internal nint Handle => handle;

    /// <summary>The serial of the call that this answers; null for anything but an answer.</summary>
    internal ulong? ReplyTo => Libsystemd.GetReplyCookie(handle, out ulong cookie) >= 0 ? cookie : null;

    /// <summary>The error's name and text, where this is one.</summary>
    internal (string Name, string Text)? Error
    {
        get
        {
            Libsystemd.BusError* error = Libsystemd.GetError(handle);
            return error is null || error->Name is null
                ? null
                : (Marshal.PtrToStringUTF8((nint)error->Name)!, Marshal.PtrToStringUTF8((nint)error->Message) ?? "no reason given");
        }
    }

    internal static BusMessage Call(nint bus, BusAddress to, string member)
    {
        Check(Libsystemd.NewMethodCall(bus, out nint message, to.Destination, to.Path, to.Interface, member), "sd_bus_message_new_method_call");
        return new BusMessage(message);
    }

    internal bool IsSignal(string @interface, string member) => Libsystemd.IsSignal(handle, @interface, member) > 0;

    internal void Write(string text) => Check(Libsystemd.AppendText(handle, (byte)'s', text));

    internal void Write(bool flag)
    {
        int value = flag ? 1 : 0;
        Check(Libsystemd.AppendBasic(handle, (byte)'b', &value));
    }

    /// <summary>An array of structures of name and variant.</summary>
    internal void Write(IReadOnlyList<UnitProperty> properties)
    {
        Check(Libsystemd.OpenContainer(handle, Array, "(sv)"));
        foreach (UnitProperty property in properties)
        {
            Check(Libsystemd.OpenContainer(handle, Structure, "sv"));
            Write(property.Name);
            WriteVariant(property);
            Close();
        }
        Close();
    }

    /// <summary>The auxiliary units of StartTransientUnit, of which there are none.</summary>
    internal void WriteNoUnits()
    {
        Check(Libsystemd.OpenContainer(handle, Array, "(sa(sv))"));
        Close();
    }

    internal string ReadText() => ReadText((byte)'s');

    internal string ReadPath() => ReadText((byte)'o');

    internal uint ReadNumber()
    {
        uint value;
        Check(Libsystemd.ReadBasic(handle, (byte)'u', &value));
        return value;
    }

    internal bool ReadFlag()
    {
        int value;
        Check(Libsystemd.ReadBasic(handle, (byte)'b', &value));
        return value != 0;
    }

    /// <summary>A variant that holds a string.</summary>
    internal string ReadTextVariant()
    {
        Check(Libsystemd.EnterContainer(handle, Variant, "s"));
        return ReadText();
    }

    /// <summary>A variant that holds a 64-bit number.</summary>
    internal ulong ReadNumberVariant()
    {
        Check(Libsystemd.EnterContainer(handle, Variant, "t"));
        ulong value;
        Check(Libsystemd.ReadBasic(handle, (byte)'t', &value));
        return value;
    }

    public void Dispose() => Libsystemd.Unref(handle);

    private void WriteVariant(UnitProperty property)
    {
        switch (property)
        {
            case UnitProperty.Text text:
                Open(Variant, "s");
                Write(text.Value);
                break;
            case UnitProperty.Flag flag:
                Open(Variant, "b");
                Write(flag.Value);
                break;
            case UnitProperty.Number number:
                Open(Variant, "t");
                ulong value = number.Value;
                Check(Libsystemd.AppendBasic(handle, (byte)'t', &value));
                break;
            case UnitProperty.Integer integer:
                Open(Variant, "i");
                int signed = integer.Value;
                Check(Libsystemd.AppendBasic(handle, (byte)'i', &signed));
                break;
            case UnitProperty.Units units:
                Open(Variant, "as");
                Open(Array, "s");
                foreach (string unit in units.Values)
                    Write(unit);
                Close();
                break;
            case UnitProperty.Processes processes:
                Open(Variant, "au");
                WriteArray((byte)'u', MemoryMarshal.AsBytes(processes.Values.AsSpan()));
                break;
            case UnitProperty.Mask mask:
                Open(Variant, "ay");
                WriteArray((byte)'y', mask.Bits.AsSpan());
                break;
            default:
                throw new InvalidOperationException($"The property {property.Name} has a type that has no place in a message.");
        }
        Close();
    }

    private void WriteArray(byte type, ReadOnlySpan<byte> elements)
    {
        fixed (byte* start = elements)
            Check(Libsystemd.AppendArray(handle, type, start, (nuint)elements.Length));
    }

    private void Open(byte type, string contents) => Check(Libsystemd.OpenContainer(handle, type, contents));

    private void Close() => Check(Libsystemd.CloseContainer(handle));

    private string ReadText(byte type)
    {
        byte* text;
        Check(Libsystemd.ReadBasic(handle, type, &text));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    /// <summary>A message is made and read as its type demands; anything else is a message that systemd does not send.</summary>
    private static void Check(int result, string operation = "read or write a D-Bus message")
    {
        if (result < 0)
            throw new SystemdException(operation, SystemdErrors.Failed, ((Errno)(-result)).ToString());
    }
}

/// <summary>Whom a call is for.</summary>
internal sealed record BusAddress(string Destination, string Path, string Interface);
