using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Tests.Protocol;

public sealed class FrameTests
{
    [Fact]
    public void A_header_is_read_back_as_it_was_written()
    {
        byte[] frame = new byte[FrameHeader.Size + 5];
        FrameHeader header = new(MessageType.Exec, MessageFlags.Reply | MessageFlags.Error, 0xfedcba98, 5);
        header.Write(frame);
        Assert.Equal(header, FrameHeader.Read(frame));
    }

    [Fact]
    public void A_frame_that_is_short_foreign_or_lies_about_its_length_is_refused()
    {
        byte[] frame = new byte[FrameHeader.Size + 5];
        new FrameHeader(MessageType.List, MessageFlags.None, 1, 5).Write(frame);
        Assert.Throws<ProtocolException>(() => FrameHeader.Read(frame.AsSpan(0, 15)));
        Assert.Throws<ProtocolException>(() => FrameHeader.Read(frame.AsSpan(0, 20)));
        frame[0]++;
        Assert.Throws<ProtocolException>(() => FrameHeader.Read(frame));
    }

    [Fact]
    public void A_newer_versions_frame_is_still_read()
    {
        byte[] frame = new byte[FrameHeader.Size];
        new FrameHeader(MessageType.List, MessageFlags.None, 1, 0).Write(frame);
        frame[2] = 9;
        Assert.Equal(MessageType.List, FrameHeader.Read(frame).Type);
    }
}
