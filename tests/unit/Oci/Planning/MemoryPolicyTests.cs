using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class MemoryPolicyTests
{
    [Fact]
    public void A_policy_is_set_before_a_filter_can_forbid_it_and_for_further_processes_too()
    {
        MemoryPolicy policy = new() { Mode = "MPOL_INTERLEAVE", Nodes = "0-1,9", Flags = ["MPOL_F_STATIC_NODES"] };
        LaunchPlan plan = Plan(policy);
        int set = plan.IndexOf("Child: SetMemoryPolicy", "number=0x8003", "blob=128 bytes");
        Assert.True(set < plan.IndexOf("Child: SetUserId") && set < plan.IndexOf("Child: Exec"));
        LaunchPlan exec = ExecPlanner.PlanExec(new Process { Args = ["/bin/date"], Cwd = "/" }, new ExecTarget
        {
            ContainerId = "web",
            Pid = 42,
            Namespaces = [],
            Host = HostFacts.Complete,
            MemoryPolicy = policy,
        });
        exec.IndexOf("Child: SetMemoryPolicy", "number=0x8003");
    }

    [Fact]
    public void A_policy_without_nodes_has_no_mask()
    {
        LaunchPlan plan = Plan(new MemoryPolicy { Mode = "MPOL_LOCAL" });
        Assert.DoesNotContain("blob", plan.Lines()[plan.IndexOf("Child: SetMemoryPolicy", "number=0x4")], StringComparison.Ordinal);
        Assert.DoesNotContain(Plan(null).Lines(), static line => line.Contains("SetMemoryPolicy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0-3,7", 0, 1, 2, 3, 7)]
    [InlineData(" 1 , 1023 ", 1, 1023)]
    public void A_list_of_nodes_becomes_their_bits(string list, params int[] nodes)
    {
        byte[] mask = NodeMask.Parse(list, "nodes");
        Assert.Equal(nodes, Enumerable.Range(0, mask.Length * 8).Where(node => (mask[node / 8] >> (node % 8) & 1) != 0));
    }

    [Theory]
    [InlineData("MPOL_EVIL", "0", "", "linux.memoryPolicy.mode")]
    [InlineData("", "0", "", "linux.memoryPolicy.mode")]
    [InlineData("MPOL_BIND", "", "", "MPOL_BIND needs nodes")]
    [InlineData("MPOL_LOCAL", "0", "", "MPOL_LOCAL takes no nodes")]
    [InlineData("MPOL_DEFAULT", "0", "", "MPOL_DEFAULT takes no nodes")]
    [InlineData("MPOL_BIND", "0", "MPOL_F_EVIL", "linux.memoryPolicy.flags")]
    [InlineData("MPOL_BIND", "0", "MPOL_F_STATIC_NODES,MPOL_F_RELATIVE_NODES", "exclude one another")]
    [InlineData("MPOL_BIND", "1024", "", "beyond the kernel's limit of 1024")]
    [InlineData("MPOL_BIND", "0-99999999999", "", "is not a list of nodes")]
    [InlineData("MPOL_BIND", "0-4000000", "", "beyond the kernel's limit")]
    [InlineData("MPOL_BIND", "3-1", "", "ends before it begins")]
    [InlineData("MPOL_BIND", "-1", "", "is not a list of nodes")]
    [InlineData("MPOL_BIND", "0,,1", "", "is not a list of nodes")]
    [InlineData("MPOL_BIND", "all", "", "is not a list of nodes")]
    public void A_policy_that_means_nothing_is_refused_by_its_field(string mode, string nodes, string flags, string message)
    {
        MemoryPolicy policy = new() { Mode = mode, Nodes = nodes, Flags = flags.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Contains(message, Assert.Throws<SpecException>(() => Plan(policy)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_endless_length_is_refused() => Assert.Throws<SpecException>(
        () => NodeMask.Parse(string.Join(',', Enumerable.Repeat("0-1023", 1000)), "nodes"));

    private static LaunchPlan Plan(MemoryPolicy? policy) => TestPlans.Plan(spec => spec.WithLinux(linux => linux with { MemoryPolicy = policy }));
}
