using CriRuntime.Linux.Seccomp;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.SeccompFilters;

public sealed class SeccompCompilerTests
{
    private const uint Allow = 0x7fff0000;
    private static readonly Seccomp AllowAll = new() { DefaultAction = "SCMP_ACT_ALLOW" };

    public static TheoryData<string, Seccomp> Bad => new()
    {
        { "linux.seccomp.defaultAction: \"\" is not an action", new Seccomp() },
        { "linux.seccomp.defaultErrnoRet: does not go with SCMP_ACT_ALLOW", AllowAll with { DefaultErrnoRet = 1 } },
        { "linux.seccomp.architectures[0]: \"X86\" is not an architecture", AllowAll with { Architectures = ["X86"] } },
        { "linux.seccomp.architectures[0]: \"SCMP_ARCH_VAX\" is not an architecture that libseccomp knows", AllowAll with { Architectures = ["SCMP_ARCH_VAX"] } },
        { "linux.seccomp.flags[0]: \"X\" is not a flag", AllowAll with { Flags = ["X"] } },
        { "linux.seccomp.listenerPath: notification listeners are not supported", AllowAll with { ListenerPath = "/run/x" } },
        { "linux.seccomp.syscalls[0].action: SCMP_ACT_NOTIFY is not supported", With(Rule("SCMP_ACT_NOTIFY")) },
        { "linux.seccomp.syscalls[0].action: \"X\" is not an action", With(Rule("X")) },
        { "linux.seccomp.syscalls[0].names: is empty", With(Rule("SCMP_ACT_ERRNO") with { Names = [] }) },
        { "linux.seccomp.syscalls[0].names: has an empty name", With(Rule("SCMP_ACT_ERRNO") with { Names = ["a\0"] }) },
        { "linux.seccomp.syscalls[0].errnoRet: 5000 is above 4095", With(Rule("SCMP_ACT_ERRNO") with { ErrnoRet = 5000 }) },
        { "linux.seccomp.syscalls[0].args[0].index: 6 is not in 0..5", With(Rule("SCMP_ACT_ERRNO") with { Args = [new SeccompArgument { Index = 6, Op = "SCMP_CMP_EQ" }] }) },
        { "linux.seccomp.syscalls[0].args[0].op: \"EQ\" is not a comparison", With(Rule("SCMP_ACT_ERRNO") with { Args = [new SeccompArgument { Op = "EQ" }] }) },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_not_understood_is_refused_with_the_field_s_name(string message, Seccomp seccomp) =>
        Assert.StartsWith(message, Assert.Throws<SeccompException>(() => SeccompCompiler.Compile(seccomp)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("SCMP_ACT_ERRNO", null, 0x00050001u)]
    [InlineData("SCMP_ACT_ERRNO", 38u, 0x00050026u)]
    [InlineData("SCMP_ACT_KILL", null, 0x00000000u)]
    [InlineData("SCMP_ACT_KILL_THREAD", null, 0x00000000u)]
    [InlineData("SCMP_ACT_KILL_PROCESS", null, 0x80000000u)]
    [InlineData("SCMP_ACT_TRAP", null, 0x00030000u)]
    [InlineData("SCMP_ACT_LOG", null, 0x7ffc0000u)]
    [InlineData("SCMP_ACT_TRACE", 5u, 0x7ff00005u)]
    public void Actions_become_the_kernel_s_values(string action, uint? errno, uint expected)
    {
        Seccomp seccomp = With(Rule(action) with { ErrnoRet = errno });

        Assert.Equal(expected, Run(seccomp, "mkdir"));
        Assert.Equal(Allow, Run(seccomp, "rmdir"));
    }

    [Theory]
    [InlineData("SCMP_CMP_EQ", 7UL, 7UL, true)]
    [InlineData("SCMP_CMP_EQ", 7UL, 8UL, false)]
    [InlineData("SCMP_CMP_NE", 7UL, 8UL, true)]
    [InlineData("SCMP_CMP_LT", 7UL, 6UL, true)]
    [InlineData("SCMP_CMP_LE", 7UL, 7UL, true)]
    [InlineData("SCMP_CMP_GT", 7UL, 7UL, false)]
    [InlineData("SCMP_CMP_GE", 0x1_0000_0000UL, 0x1_0000_0001UL, true)]
    [InlineData("SCMP_CMP_GE", 0x1_0000_0000UL, 0xffff_ffffUL, false)]
    public void Arguments_are_compared_in_64_bits(string op, ulong value, ulong argument, bool matches)
    {
        Seccomp seccomp = With(Rule("SCMP_ACT_ERRNO") with { Args = [new SeccompArgument { Index = 1, Op = op, Value = value }] });

        Assert.Equal(matches ? 0x00050001u : Allow, Run(seccomp, "mkdir", 0, argument));
    }

    [Fact]
    public void A_masked_comparison_has_the_mask_first()
    {
        Seccomp seccomp = With(Rule("SCMP_ACT_ERRNO") with { Args = [new SeccompArgument { Op = "SCMP_CMP_MASKED_EQ", Value = 0xf0, ValueTwo = 0x20 }] });

        Assert.Equal(0x00050001u, Run(seccomp, "mkdir", 0x2f));
        Assert.Equal(Allow, Run(seccomp, "mkdir", 0x3f));
    }

    [Fact]
    public void Tests_of_different_arguments_must_all_hold_and_of_the_same_argument_one_suffices()
    {
        var both = With(Rule("SCMP_ACT_ERRNO") with { Args = [Equal(0, 1), Equal(1, 2)] });
        var either = With(Rule("SCMP_ACT_ERRNO") with { Args = [Equal(0, 1), Equal(0, 2)] });

        Assert.Equal(Allow, Run(both, "mkdir", 1, 3));
        Assert.Equal(0x00050001u, Run(both, "mkdir", 1, 2));
        Assert.Equal(0x00050001u, Run(either, "mkdir", 2));
        Assert.Equal(Allow, Run(either, "mkdir", 3));
    }

    [Fact]
    public void Names_that_nobody_knows_are_skipped()
    {
        Seccomp seccomp = With(Rule("SCMP_ACT_ERRNO") with { Names = ["no_such_call", "mkdir"] });

        Assert.Equal(0x00050001u, Run(seccomp, "mkdir"));
    }

    [Fact]
    public void A_foreign_architecture_is_killed_unless_it_is_listed()
    {
        ReadOnlySpan<byte> native = SeccompCompiler.Compile(AllowAll with { Syscalls = [Rule("SCMP_ACT_ERRNO")] }).Code.Span;
        ReadOnlySpan<byte> both = SeccompCompiler.Compile(AllowAll with { Syscalls = [Rule("SCMP_ACT_ERRNO")], Architectures = ["SCMP_ARCH_X86"] }).Code.Span;

        Assert.Equal(0u, ClassicBpfInterpreter.Run(native, ClassicBpfInterpreter.X86, 39));
        Assert.Equal(0x00050001u, ClassicBpfInterpreter.Run(both, ClassicBpfInterpreter.X86, 39)); // mkdir of i386
    }

    [Fact]
    public void Flags_are_passed_on() =>
        Assert.Equal(2u | 4u, SeccompCompiler.Compile(AllowAll with { Flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"] }).Flags);

    [Fact]
    public void Equal_sections_are_compiled_once()
    {
        SeccompProgram first = SeccompProgramCache.Get(With(Rule("SCMP_ACT_TRAP")));

        Assert.Same(first, SeccompProgramCache.Get(With(Rule("SCMP_ACT_TRAP"))));
        Assert.NotSame(first, SeccompProgramCache.Get(With(Rule("SCMP_ACT_LOG"))));
    }

    private static SeccompArgument Equal(uint index, ulong value) => new() { Index = index, Op = "SCMP_CMP_EQ", Value = value };

    private static SeccompSyscall Rule(string action) => new() { Names = ["mkdir"], Action = action };

    private static Seccomp With(SeccompSyscall rule) => AllowAll with { Syscalls = [rule] };

    private static uint Run(Seccomp seccomp, string call, params ulong[] arguments) => ClassicBpfInterpreter.Run(
        SeccompCompiler.Compile(seccomp).Code.Span, ClassicBpfInterpreter.X64, SeccompFilter.ResolveSyscall(call)!.Value, arguments);
}
