using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class CapabilitiesTests
{
    [Theory]
    [InlineData("CAP_CHOWN", 0)]
    [InlineData("SYS_ADMIN", 21)]
    [InlineData("cap_bpf", 39)]
    [InlineData("CAP_CHECKPOINT_RESTORE", 40)]
    [InlineData("CAP_", -1)]
    [InlineData("CAP_ALL", -1)]
    [InlineData("", -1)]
    public void Names_are_taken_with_or_without_the_prefix_in_any_case(string name, int number) => Assert.Equal(number, Capabilities.NumberOf(name));

    [Fact]
    public void The_last_number_is_that_of_the_kernel_header() => Assert.Equal(40, Capabilities.Last);

    [Fact]
    public void A_mask_lists_its_names_in_order() => Assert.Equal(["CAP_KILL", "CAP_SYS_TIME"], Capabilities.FromMask(1UL << 25 | 1UL << 5));
}
