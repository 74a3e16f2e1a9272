using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class LaunchPlanTests
{
    [Fact]
    public void Bytes_that_travelled_are_the_same_plan()
    {
        LaunchPlan plan = TestPlans.Plan();
        Assert.Equal(plan.Describe(), LaunchPlan.Parse(plan.Bytes.Span).Describe());
        Assert.Equal("create container web", LaunchPlan.Parse(plan.Bytes.Span).Title);
    }

    [Theory]
    [InlineData(0, "magic")]
    [InlineData(8, "version")]
    [InlineData(12, "header says")]
    public void A_header_that_is_wrong_is_refused(int offset, string reason)
    {
        byte[] bytes = TestPlans.Plan().Bytes.ToArray();
        bytes[offset] ^= 0x40;
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => LaunchPlan.Parse(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = TestPlans.Plan().Bytes.ToArray();
        for (int length = 0; length < bytes.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => LaunchPlan.Parse(bytes.AsSpan(0, length)));
    }

    // Whatever a changed byte means, it is either refused or a plan whose every offset stays inside the block: describing it reads them all.
    [Fact]
    public void Changed_bytes_never_lead_out_of_the_block()
    {
        byte[] original = TestPlans.Plan().Bytes.ToArray();
        Random random = new(20260501);
        for (int round = 0; round < 4000; round++)
        {
            byte[] bytes = [.. original];
            for (int change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(16, bytes.Length)] = (byte)random.Next(256);
            if (Parses(bytes) is { } plan)
                Assert.NotEmpty(plan.Describe());
        }
    }

    [Fact]
    public void Random_bytes_behind_a_good_magic_are_refused()
    {
        Random random = new(7);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[8 * random.Next(1, 200)];
            random.NextBytes(bytes);
            BitConverter.TryWriteBytes(bytes, PlanHeader.ExpectedMagic);
            if (bytes.Length >= 16)
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(8), PlanHeader.CurrentVersion);
                BitConverter.TryWriteBytes(bytes.AsSpan(12), bytes.Length);
            }
            Assert.Throws<InvalidDataException>(() => LaunchPlan.Parse(bytes));
        }
    }

    [Fact]
    public void Every_kind_of_step_has_a_shape()
    {
        foreach (StepKind kind in Enum.GetValues<StepKind>())
            Assert.NotNull(StepShape.Of(kind));
    }

    private static LaunchPlan? Parses(byte[] bytes)
    {
        try
        {
            return LaunchPlan.Parse(bytes);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
