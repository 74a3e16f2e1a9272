using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.Tests.Planning;

namespace CriRuntime.Oci.Tests.Running;

public sealed class LaunchFailureTests
{
    [Theory]
    [InlineData("nosuch", Errno.ENOENT, "exec: \"nosuch\": executable file not found in $PATH (")]
    [InlineData("/bin/nosuch", Errno.ENOENT, "exec: \"/bin/nosuch\": no such file or directory (")]
    [InlineData("./nosuch", Errno.ENOENT, "exec: \"./nosuch\": no such file or directory (")]
    [InlineData("/data/x", Errno.EACCES, "exec: \"/data/x\": permission denied (")]
    [InlineData("x", Errno.EACCES, "exec: \"x\": permission denied (")]
    [InlineData("/data/x", Errno.ENOEXEC, "exec: \"/data/x\": exec format error (")]
    [InlineData("/data/x", Errno.E2BIG, "exec: \"/data/x\": argument list too long (")]
    public void A_program_that_cannot_be_executed_is_named_as_its_user_named_it(string program, Errno errno, string expected)
    {
        LaunchPlan plan = TestPlans.Plan(spec => spec.WithProcess(process => process with { Args = [program, "-v"] }));
        Assert.StartsWith($"create container web: {expected}", Fail(plan, StepKind.Exec, errno), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ENOENT, "no such file or directory")]
    [InlineData(Errno.EACCES, "permission denied")]
    [InlineData(Errno.ENOTDIR, "not a directory")]
    [InlineData(Errno.EPERM, "it is outside the container")]
    public void A_working_directory_is_named_with_where_it_comes_from(Errno errno, string reason)
    {
        LaunchPlan plan = TestPlans.Plan(spec => spec.WithProcess(process => process with { Cwd = "/nope" }));
        Assert.StartsWith($"create container web: chdir to cwd \"/nope\" set in the container config: {reason} (", Fail(plan, StepKind.ChangeDirectory, errno), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bind_mount_says_which_of_its_ends_is_at_fault()
    {
        LaunchPlan plan = TestPlans.Plan(spec => spec.WithMount("bind", "/srv/a", "/data/a", "rbind"));
        Assert.Contains(": bind /srv/a on /data/a: open /srv/a: no such file or directory (", Fail(plan, StepKind.OpenTree, Errno.ENOENT, "\"/srv/a\""), StringComparison.Ordinal);
        Assert.Contains(": find or make /data/a: not a directory (", Fail(plan, StepKind.MakeTarget, Errno.ENOTDIR, "data/a"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_system_that_the_kernel_lacks_is_named()
    {
        LaunchPlan plan = TestPlans.Plan(spec => spec.WithMount("zfs", "none", "/data"));
        Assert.Contains(": mount zfs on /data: this kernel has no such file system (", Fail(plan, StepKind.FsOpen, Errno.ENODEV, "\"zfs\""), StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_debugs_a_plan_still_finds_the_step_and_the_error_s_name()
    {
        LaunchPlan plan = TestPlans.Plan();
        int index = Find(plan, StepKind.Exec);
        LaunchException failure = LaunchFailure.At(plan, PlanSection.Child, index, Errno.ENOEXEC, 0);
        Assert.EndsWith($" (child step {index}, Exec: ENOEXEC)", failure.Message, StringComparison.Ordinal);
        Assert.Equal((index, Errno.ENOEXEC), (failure.Index, failure.Errno));
    }

    // In parentheses is what only developers read; before them no name of a step, of an error, or of a descriptor slot may be left.
    [Fact]
    public void Every_step_of_a_container_reads_as_a_sentence()
    {
        LaunchPlan plan = TestPlans.Plan();
        for (PlanSection section = 0; section <= PlanSection.Undo; section++)
        {
            for (int i = 0; i < PlanFormat.Steps(plan.Bytes.Span, plan.Header, section).Length; i++)
            {
                StepKind kind = PlanFormat.Steps(plan.Bytes.Span, plan.Header, section)[i].Kind;
                string words = LaunchFailure.At(plan, section, i, Errno.EIO, 0).Message;
                words = words[..words.LastIndexOf(" (", StringComparison.Ordinal)];
                Assert.EndsWith(": input/output error", words, StringComparison.Ordinal);
                Assert.DoesNotContain("EIO", words, StringComparison.Ordinal);
                Assert.False(kind != StepKind.Exec && words.Contains(kind.ToString(), StringComparison.Ordinal), words);
            }
        }
    }

    private static string Fail(LaunchPlan plan, StepKind kind, Errno errno, string having = "") =>
        LaunchFailure.At(plan, PlanSection.Child, Find(plan, kind, having), errno, 0).Message;

    private static int Find(LaunchPlan plan, StepKind kind, string having = "")
    {
        ReadOnlySpan<byte> block = plan.Bytes.Span;
        ReadOnlySpan<Step> steps = PlanFormat.Steps(block, plan.Header, PlanSection.Child);
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i].Kind == kind && PlanDescription.Describe(block, steps[i]).Contains(having, StringComparison.Ordinal))
                return i;
        }
        throw new ArgumentException($"the plan has no step {kind} {having}:\n{plan.Describe()}", nameof(kind));
    }
}
