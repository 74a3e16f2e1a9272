using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class FormerValueTests
{
    [Theory]
    [InlineData("cpu.max", "max 100000", "50000 100000", "max 100000")]
    [InlineData("memory.limit_in_bytes", "9223372036854771712", "4096", "9223372036854771712")]
    [InlineData("cpuset.cpus", "", "0", "\n")]
    [InlineData("io.max", "8:0 rbps=1 wbps=2 riops=max wiops=max\n8:16 rbps=5", "8:16 rbps=9", "8:16 rbps=5")]
    [InlineData("io.max", "", "8:16 rbps=9", "8:16 rbps=max wbps=max riops=max wiops=max")]
    [InlineData("io.weight", "default 100\n8:0 50", "200", "default 100")]
    [InlineData("io.weight", "default 100", "8:0 50", "8:0 default")]
    [InlineData("blkio.throttle.read_bps_device", "8:0 100", "8:16 5", "8:16 0")]
    [InlineData("rdma.max", "mlx4_0 hca_handle=2 hca_object=3", "mlx4_0 hca_handle=9 hca_object=9", "mlx4_0 hca_handle=2 hca_object=3")]
    public void A_write_is_taken_back_by_what_stood_there_for_its_key(string file, string text, string value, string expected) =>
        Assert.Equal(expected, FormerValue.Of(file, text, value));

    [Theory]
    [InlineData("200", "100", "memory.memsw.limit_in_bytes")]
    [InlineData("-1", "100", "memory.memsw.limit_in_bytes")]
    [InlineData("100", "100", "memory.limit_in_bytes")]
    [InlineData("50", "100", "memory.limit_in_bytes")]
    public void The_sum_of_memory_and_swap_goes_first_when_memory_grows_beyond_it_and_last_otherwise(string memory, string presentSum, string first)
    {
        CgroupStep.WriteFile[] writes = [new("/c/cpu.shares", "2"), new("/c/memory.limit_in_bytes", memory), new("/c/memory.memsw.limit_in_bytes", "300")];
        Assert.Equal("/c/" + first, UpdateOrder.Sort(writes, _ => presentSum)[1].Path);
    }
}
