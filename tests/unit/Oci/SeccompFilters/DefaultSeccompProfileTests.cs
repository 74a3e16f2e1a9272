using CriRuntime.Linux.Seccomp;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.SeccompFilters;

public sealed class DefaultSeccompProfileTests
{
    private const uint Allow = 0x7fff0000;
    private const uint Eperm = 0x00050001;
    private const uint Enosys = 0x00050026;
    private static readonly string[] Usual = ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_SETUID"];

    [Theory]
    [InlineData("read", Allow)]
    [InlineData("execve", Allow)]
    [InlineData("openat2", Allow)]
    [InlineData("ptrace", Allow)]
    [InlineData("mount", Eperm)]
    [InlineData("unshare", Eperm)]
    [InlineData("setns", Eperm)]
    [InlineData("bpf", Eperm)]
    [InlineData("keyctl", Eperm)]
    [InlineData("io_uring_setup", Eperm)]
    [InlineData("kexec_load", Eperm)]
    [InlineData("init_module", Eperm)]
    [InlineData("sethostname", Eperm)]
    [InlineData("clone3", Enosys)]
    [InlineData("chroot", Allow)]
    public void An_ordinary_container_may_do_ordinary_things(string call, uint expected) => Assert.Equal(expected, Run(Usual, call));

    [Theory]
    [InlineData("CAP_SYS_ADMIN", "mount")]
    [InlineData("CAP_SYS_ADMIN", "clone3")]
    [InlineData("CAP_SYS_MODULE", "finit_module")]
    [InlineData("CAP_SYS_TIME", "clock_settime")]
    [InlineData("CAP_BPF", "bpf")]
    [InlineData("CAP_SYSLOG", "syslog")]
    public void A_capability_opens_its_calls(string capability, string call)
    {
        Assert.NotEqual(Allow, Run(Usual, call));
        Assert.Equal(Allow, Run([.. Usual, capability], call));
    }

    [Fact]
    public void Clone_makes_threads_and_processes_but_no_namespaces()
    {
        Assert.Equal(Allow, Run(Usual, "clone", 0x3d0f00)); // pthread_create
        Assert.Equal(Allow, Run(Usual, "clone", 17));
        foreach (ulong flag in new ulong[] { 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000 })
            Assert.Equal(Eperm, Run(Usual, "clone", flag | 17));
    }

    [Fact]
    public void Sockets_are_of_every_family_but_vsock()
    {
        Assert.Equal(Allow, Run(Usual, "socket", 2));
        Assert.Equal(Eperm, Run(Usual, "socket", 40));
    }

    [Fact]
    public void Personality_changes_to_known_domains_only()
    {
        Assert.Equal(Allow, Run(Usual, "personality", 0xffffffff));
        Assert.NotEqual(Allow, Run(Usual, "personality", 0x0040000)); // ADDR_NO_RANDOMIZE
    }

    [Fact]
    public void A_call_that_does_not_exist_yet_looks_like_an_old_kernel() =>
        Assert.Equal(Enosys, ClassicBpfInterpreter.Run(SeccompProgramCache.Get(DefaultSeccompProfile.For(Usual)).Code.Span, ClassicBpfInterpreter.X64, 2000));

    [Fact]
    public void Equal_capabilities_share_one_section() =>
        Assert.Same(DefaultSeccompProfile.For(Usual), DefaultSeccompProfile.For(["CAP_SYS_CHROOT", "CAP_FOWNER"]));

    [Fact]
    public void Every_name_of_the_profile_is_known_to_libseccomp_or_newer_than_it()
    {
        string[] unknown = [.. DefaultSeccompProfile.For([]).Syscalls.SelectMany(static s => s.Names).Distinct().Where(static n => SeccompFilter.ResolveSyscall(n) is null)];

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(' ', unknown));
        Assert.True(unknown.Length < 40, string.Join(' ', unknown));
    }

    [Fact]
    public void A_second_container_does_not_pay_for_compiling()
    {
        Seccomp seccomp = DefaultSeccompProfile.For(Usual);
        Assert.Same(SeccompProgramCache.Get(seccomp), SeccompProgramCache.Get(DefaultSeccompProfile.For(Usual)));
    }

    private static uint Run(string[] capabilities, string call, params ulong[] arguments) => ClassicBpfInterpreter.Run(
        SeccompProgramCache.Get(DefaultSeccompProfile.For(capabilities)).Code.Span, ClassicBpfInterpreter.X64, SeccompFilter.ResolveSyscall(call)!.Value, arguments);
}
