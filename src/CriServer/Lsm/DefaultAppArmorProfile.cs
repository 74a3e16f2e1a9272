namespace CriRuntime.CriServer.Lsm;

/// <summary>
/// The text of the profile that RuntimeDefault means (apparmor.d(5)). It needs no file of the distribution's. What capabilities, seccomp and
/// namespaces decide is left to them; the profile keeps writes away from what of /proc and /sys is the kernel's, forbids mounts, and closes
/// signals and tracing off towards other profiles.
/// </summary>
public static class DefaultAppArmorProfile
{
    /// <summary>The rules' meaning is that of AppArmor 3.0; newer parsers would else mediate more than the rules speak of.</summary>
    private const string Abi = "/etc/apparmor.d/abi/3.0";

    /// <param name="name">The profile's.</param>
    /// <param name="runtimeLabel">What the runtime itself runs under (<c>unconfined</c>, or a profile): it may signal its containers.</param>
    /// <param name="pinAbi">The host has the definition of AppArmor 3.0.</param>
    public static string Text(string name, string runtimeLabel, bool pinAbi) => $$"""
        {{(pinAbi ? "abi <abi/3.0>," : "")}}
        profile "{{name}}" flags=(attach_disconnected,mediate_deleted) {
          capability,
          file,
          network,
          unix,
          umount,
          deny mount,

          # among themselves, and from the node
          signal (receive) peer=unconfined,
          signal (receive) peer="{{runtimeLabel}}",
          signal (send, receive) peer="{{name}}",
          ptrace (read, readby, trace, tracedby) peer="{{name}}",

          # /proc: nothing but processes, and of /proc/sys nothing but kernel/shm*
          deny /proc/* w,
          deny /proc/{[^1-9s]*,s[^y]*,sy[^s]*,sys?*}/** w,
          deny /proc/sys/{[^k],k[^e],ke[^r]}** w,
          deny /proc/sys/kernel/{[^s],s[^h],sh[^m]}** w,
          deny /proc/{sysrq-trigger,mem,kmem,kcore} rwklx,

          # /sys: nothing but cgroups
          deny /sys/{[^f]*,f[^s]*}/** wklx,
          deny /sys/fs/{[^c]*,c[^g]*,cg[^r]*}/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/kernel/security/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
        }

        """;

    /// <summary>The text for this host.</summary>
    public static string Text(string name) => Text(name, OwnLabel(), File.Exists(Abi));

    /// <summary><c>unconfined</c>, or <c>PROFILE (MODE)</c>.</summary>
    private static string OwnLabel()
    {
        const string Current = "/proc/self/attr/apparmor/current";
        string label = File.Exists(Current) ? File.ReadAllText(Current).TrimEnd('\n', '\0') : AppArmorProfiles.Unconfined;
        int mode = label.LastIndexOf(" (", StringComparison.Ordinal);
        return mode < 0 ? label : label[..mode];
    }
}
