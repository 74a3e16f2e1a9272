namespace CriRuntime.Linux.Systemd;

/// <summary>A connection to systemd whose calls wait for their answers, for one thread.</summary>
internal sealed class BlockingBus : IDisposable
{
    private const int CallLimit = 25_000; // milliseconds

    private readonly nint _bus;

    /// <summary>Results of jobs that ended before somebody asked for them.</summary>
    private readonly Dictionary<string, string> _ended = new(StringComparer.Ordinal);

    private BlockingBus(SystemdTransport transport) => _bus = SystemdAddress.Open(transport);

    /// <summary>The system bus, else systemd's own socket.</summary>
    /// <exception cref="SystemdException">Neither answers.</exception>
    internal static BlockingBus Open()
    {
        try
        {
            return Open(SystemdTransport.SystemBus);
        }
        catch (SystemdException bus)
        {
            try
            {
                return Open(SystemdTransport.Private);
            }
            catch (SystemdException own)
            {
                throw new SystemdException("connect", bus.ErrorName, $"{bus.Message}; {own.Message}", own);
            }
        }
    }

    internal T Call<T>(ManagerCall call, Func<BusMessage, T> read) => Call(call.Describe, SystemdAddress.Manager, call.Member, call.Write, read);

    /// <exception cref="SystemdException">The answer was an error, or none came.</exception>
    internal T Call<T>(string describe, BusAddress to, string member, Action<BusMessage> write, Func<BusMessage, T> read)
    {
        ulong cookie;
        using (BusMessage message = BusMessage.Call(_bus, to, member))
        {
            write(message);
            Check(describe, Libsystemd.Send(_bus, message.Handle, out cookie));
        }
        long deadline = Environment.TickCount64 + CallLimit;
        while (true)
        {
            using BusMessage received = Next(describe, deadline);
            if (received.ReplyTo != cookie)
                Note(received);
            else if (received.Error is { } error)
                throw new SystemdException(describe, error.Name, error.Text);
            else
                return read(received);
        }
    }

    /// <returns>The job's result as systemd names it.</returns>
    /// <exception cref="SystemdException">It does not end in time.</exception>
    internal string AwaitJob(string describe, string job, int limit)
    {
        long deadline = Environment.TickCount64 + limit;
        string? result;
        while (!_ended.Remove(job, out result))
        {
            using BusMessage received = Next(describe, deadline);
            Note(received);
        }
        return result;
    }

    public void Dispose() => Libsystemd.CloseUnref(_bus);

    private static BlockingBus Open(SystemdTransport transport)
    {
        BlockingBus bus = new(transport);
        try
        {
            if (transport == SystemdTransport.SystemBus)
            {
                foreach (string signal in SystemdAddress.Signals)
                    bus.Call("subscribe", SystemdAddress.Bus, "AddMatch", message => message.Write(signal), _ => true);
            }
            bus.Call(ManagerCall.Subscribe, _ => true);
            return bus;
        }
        catch
        {
            bus.Dispose();
            throw;
        }
    }

    private void Note(BusMessage message)
    {
        if (JobEnd.From(message) is { } end)
            _ended[end.Job] = end.Result;
    }

    /// <summary>The next message of any kind; the caller's to dispose.</summary>
    private BusMessage Next(string describe, long deadline)
    {
        while (true)
        {
            int advanced = Libsystemd.Process(_bus, out nint handle);
            Check(describe, advanced);
            if (handle != 0)
                return new BusMessage(handle);
            long left = deadline - Environment.TickCount64;
            if (left <= 0)
                throw new SystemdException(describe, SystemdErrors.TimedOut, "systemd does not answer in time");
            int waited = advanced > 0 ? 0 : Libsystemd.Wait(_bus, (ulong)left * 1000);
            if (waited != -(int)Errno.EINTR)
                Check(describe, waited);
        }
    }

    private static void Check(string describe, int result)
    {
        if (result < 0)
            throw new SystemdException(describe, SystemdErrors.Disconnected, ((Errno)(-result)).ToString());
    }
}
