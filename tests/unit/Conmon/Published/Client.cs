using System.Text;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Published;

/// <summary>One attached client: the ends of the pipes that a daemon would have, and the attachment.</summary>
internal sealed class Client : IDisposable
{
    private readonly FileDescriptor? _stdin;
    private readonly FileDescriptor? _stdout;
    private readonly FileDescriptor? _stderr;

    private Client(MonitorAttachment attachment, FileDescriptor? stdin, FileDescriptor? stdout, FileDescriptor? stderr)
    {
        Attachment = attachment;
        _stdin = stdin;
        _stdout = stdout;
        _stderr = stderr;
    }

    internal MonitorAttachment Attachment { get; }

    internal FileDescriptor Stdin => _stdin!;

    internal FileDescriptor Stdout => _stdout!;

    internal static async Task<Client> AttachAsync(Pod pod, string id, bool stdin = false, bool stdout = true, bool stderr = false)
    {
        Pipe? input = stdin ? Pipe.Create() : null;
        Pipe? output = stdout ? Pipe.Create() : null;
        Pipe? error = stderr ? Pipe.Create() : null;
        try
        {
            AttachRequest request = new(id) { Stdin = input?.Read, Stdout = output?.Write, Stderr = error?.Write };
            return new Client(await pod.Monitor.AttachAsync(request, Pod.Limit), input?.Write, output?.Read, error?.Read);
        }
        catch
        {
            input?.Write.Dispose();
            output?.Read.Dispose();
            error?.Read.Dispose();
            throw;
        }
        finally
        {
            input?.Read.Dispose();
            output?.Write.Dispose();
            error?.Write.Dispose();
        }
    }

    internal void Type(string text) => Stdin.WriteAll(Encoding.ASCII.GetBytes(text));

    internal void CloseStdin() => Stdin.Dispose();

    internal Task<string> ReadStdoutAsync() => Task.Run(() => Text(Stdout));

    internal Task<string> ReadStderrAsync() => Task.Run(() => Text(_stderr!));

    /// <summary>Reads until the text has appeared.</summary>
    internal Task<string> ReadUntilAsync(string text) => Task.Run(() =>
    {
        StringBuilder read = new();
        byte[] buffer = new byte[4096];
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            int length = Stdout.Read(buffer);
            if (length <= 0)
                throw new EndOfStreamException($"\"{text}\" did not come, only \"{read}\"");
            read.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }

        return read.ToString();
    }).WaitAsync(Pod.Limit);

    public void Dispose()
    {
        _stdin?.Dispose();
        _stdout?.Dispose();
        _stderr?.Dispose();
    }

    private static string Text(FileDescriptor descriptor)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        while (descriptor.Read(buffer) is int read and > 0)
            all.Write(buffer, 0, read);
        return Encoding.ASCII.GetString(all.GetBuffer(), 0, (int)all.Length);
    }
}
