using System.Runtime.InteropServices;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Running;

/// <summary>Why a step failed: the kernel's reason in the words of errno(3), or better ones where the step gives the number a meaning of its own.</summary>
internal static class StepReason
{
    internal static string Of(ReadOnlySpan<byte> block, in Step step, Errno errno, int detail) => (step.Kind, errno) switch
    {
        (StepKind.Exec, Errno.ENOENT) when IsLookedUp(block, step) => "executable file not found in $PATH",
        (StepKind.RunHook, Errno.ETIME) => "it took longer than its timeout and was killed",
        (StepKind.RunHook, Errno.ECHILD) => (detail & 0x7f) == 0 ? $"exit status {detail >> 8 & 0xff}" : $"killed by signal {detail & 0x7f}",
        (StepKind.FsOpen or StepKind.MountLegacy, Errno.ENODEV) => "this kernel has no such file system",
        (StepKind.VerifyDevice, Errno.EPERM) => "it is not the device that it should be",
        (StepKind.VerifyFilesystem, Errno.EPERM) => "it is not the file system that it should be",
        (StepKind.SetMountAttributes, Errno.EINVAL) when step.Base >= 0 => "its file system has no idmapped mounts",
        (StepKind.SetMemoryPolicy, Errno.EINVAL) => "this kernel has no such mode, or a node is not there, has no memory, or is outside the container's cpuset",
        (StepKind.SetMemoryPolicy, Errno.ENOSYS) => "this kernel has no NUMA memory policies",
        (StepKind.SetMemoryPolicy, Errno.EPERM) => "this host does not permit it: a seccomp filter around the runtime forbids set_mempolicy(2)",
        (StepKind.ChangeDirectory, Errno.EPERM) => "it is outside the container",
        _ => Words(errno),
    };

    /// <summary>As strerror(3) says it, in lower case, for it continues a sentence.</summary>
    internal static string Words(Errno errno)
    {
        string words = Marshal.GetPInvokeErrorMessage((int)errno);
        return words.Length > 1 && char.IsUpper(words[0]) && !char.IsUpper(words[1]) ? char.ToLowerInvariant(words[0]) + words[1..] : words;
    }

    /// <summary>Whether the program is a name that was looked for in the directories of PATH, and no path itself.</summary>
    private static bool IsLookedUp(ReadOnlySpan<byte> block, in Step step)
    {
        ReadOnlySpan<ulong> tables = MemoryMarshal.Cast<byte, ulong>(block.Slice((int)step.Blob, (int)step.BlobLength)[PlanFormat.TablesHeader..]);
        int arguments = tables.IndexOf(0UL) + 1;
        return !PlanFormat.Text(block, (uint)tables[arguments]).Contains((byte)'/');
    }
}
