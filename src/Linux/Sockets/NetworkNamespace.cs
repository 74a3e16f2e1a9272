using System.Runtime.InteropServices;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Linux;

/// <summary>Work done inside another network namespace (network_namespaces(7)). A socket made there stays there, whoever uses it.</summary>
public static class NetworkNamespace
{
    /// <summary>
    /// Calls <paramref name="work"/> on a thread that has joined the namespace and ends afterwards, so that no thread of the
    /// pool is ever in a wrong one. For short calls such as socket(2).
    /// </summary>
    /// <param name="path">A pinned namespace, or <c>/proc/PID/ns/net</c>.</param>
    /// <exception cref="LinuxException">ENOENT: it is gone; EPERM: CAP_SYS_ADMIN is missing.</exception>
    public static Task<T> RunAsync<T>(string path, Func<T> work)
    {
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() => Run(path, work, result), maxStackSize: 256 * 1024) { IsBackground = true, Name = "netns" };
        thread.Start();
        return result.Task;
    }

    private static void Run<T>(string path, Func<T> work, TaskCompletionSource<T> result)
    {
        try
        {
            using (FileDescriptor target = HostFile.Open(path, HostFileAccess.Read))
                Gate.Check(Libc.SetNs(target.Number, Libc.CLONE_NEWNET), "setns", path);
            result.SetResult(work());
        }
        catch (Exception e)
        {
            result.SetException(e);
        }
    }
}

/// <content>setns(2).</content>
internal static partial class Libc
{
    internal const int CLONE_NEWNET = 0x40000000;

    [LibraryImport(Name, EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNs(int fd, int kind);
}
