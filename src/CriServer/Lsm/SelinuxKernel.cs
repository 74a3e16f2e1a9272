using System.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

namespace CriRuntime.CriServer.Lsm;

/// <summary>SELinux as the kernel has it.</summary>
/// <param name="root">Where selinuxfs is mounted.</param>
public sealed class SelinuxKernel(string root)
{
    /// <summary>SELinux is enabled; selinuxfs is there only then.</summary>
    public bool InForce => File.Exists(Path.Join(root, "enforce"));

    /// <summary>This node's.</summary>
    public static SelinuxKernel OfNode() => new("/sys/fs/selinux");

    /// <summary>The loaded policy has user, role, type and level of the label, and allows them together.</summary>
    /// <exception cref="LinuxException">The kernel can't be asked.</exception>
    public bool Knows(string label)
    {
        using FileDescriptor file = HostFile.Open(Path.Join(root, "context"), HostFileAccess.ReadWrite);
        try
        {
            file.WriteAll(Encoding.UTF8.GetBytes(label));
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EINVAL)
        {
            return false;
        }
    }
}
