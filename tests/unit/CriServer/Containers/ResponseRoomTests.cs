using System.Text;
using CriRuntime.CriServer.Containers;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class ResponseRoomTests
{
    [Theory]
    [InlineData(10, 10, 10, 10)]
    [InlineData(200, 10, 90, 10)]
    [InlineData(10, 200, 10, 90)]
    [InlineData(200, 200, 50, 50)]
    [InlineData(0, 100, 0, 100)]
    public void Two_streams_share_one_message_and_none_starves(int stdout, int stderr, int keptOut, int keptErr) =>
        Assert.Equal((keptOut, keptErr), ResponseRoom.Share(stdout, stderr, room: 100));

    [Fact]
    public void Both_streams_at_their_limit_fit_a_message_of_16_MiB_with_their_notices()
    {
        (int stdout, int stderr) = ResponseRoom.Share(ExecOutput.Limit, ExecOutput.Limit);
        int total = ResponseRoom.Cut(new byte[ExecOutput.Limit], stdout, true, "stdout").Length
            + ResponseRoom.Cut(new byte[ExecOutput.Limit], stderr, true, "stderr").Length;
        Assert.True(total < (16 << 20) - 100);
    }

    [Fact]
    public void What_was_cut_says_so() =>
        Assert.Contains("stdout is truncated: only the first 4 bytes", Encoding.UTF8.GetString(ResponseRoom.Cut(new byte[8], 4, false, "stdout")), StringComparison.Ordinal);
}
