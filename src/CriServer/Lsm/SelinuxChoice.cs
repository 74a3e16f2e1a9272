using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Lsm;

/// <summary>Whether SELinux is used: what the operator wants, and what the node has.</summary>
public static class SelinuxChoice
{
    public const string Auto = "auto";

    public const string On = "on";

    public const string Off = "off";

    /// <param name="setting">One of the above.</param>
    /// <param name="kernel">The node's.</param>
    /// <param name="root"><c>/etc/selinux</c>.</param>
    /// <returns>The labels to start from, or null and, where that is worth telling, why.</returns>
    /// <exception cref="ConfigurationException">It is demanded, and can't be had.</exception>
    public static (SelinuxPolicy? Policy, string? Obstacle) Make(string setting, SelinuxKernel kernel, string root)
    {
        if (setting == Off || (setting == Auto && !kernel.InForce))
            return (null, null);
        if (!kernel.InForce)
            throw new ConfigurationException("key 'security.selinux': it is on, and SELinux is not enabled on this node; write auto or off");
        try
        {
            return (Checked(SelinuxPolicy.Read(root), kernel), null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return setting == On ? throw new ConfigurationException($"key 'security.selinux': it is on, and {e.Message}") : (null, e.Message);
        }
    }

    /// <summary>Debian's policy, for one, names container_t in that file and does not define it.</summary>
    private static SelinuxPolicy Checked(SelinuxPolicy policy, SelinuxKernel kernel)
    {
        foreach (SelinuxLabel label in new[] { policy.Process, policy.Files })
        {
            if (!kernel.Knows(label.ToString()))
                throw new InvalidDataException($"the loaded policy does not know {label}; install a policy with containers (container-selinux)");
        }

        return policy;
    }
}
