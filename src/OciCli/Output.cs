using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.OciCli;

/// <summary>Standard output and error without the console classes, whose start costs more than what there is to say.</summary>
internal static class Output
{
    // Never disposed, and held for ever: the descriptors are the process's own.
    private static readonly FileDescriptor Standard = new(1);

    internal static void Line(string text) => Standard.WriteAll(Encoding.UTF8.GetBytes(text + '\n'));

    internal static void ErrorLine(string text) => StandardStreams.WriteError(Encoding.UTF8.GetBytes(text + '\n'));
}
