using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Conmon.Tests.Protocol;

public sealed class PayloadTests
{
    private delegate T Reading<T>(ref PayloadReader reader);

    [Fact]
    public void Every_message_is_read_back_as_it_was_written()
    {
        RoundTrip(new HelloRequest(1, 3), HelloRequest.Read);
        RoundTrip(new HelloReply(1, 4711, "pod"), HelloReply.Read);
        RoundTrip(new ContainerRequest("web"), ContainerRequest.Read);
        RoundTrip(new SignalRequest("web", 15), SignalRequest.Read);
        RoundTrip(new ExecMessage("web", true, false, true, false) { CgroupDirectory = "/sys/c/exec-1" }, ExecMessage.Read);
        RoundTrip(new AttachMessage("web", true, false, true), AttachMessage.Read);
        RoundTrip(new AttachmentName(long.MaxValue), AttachmentName.Read);
        RoundTrip(new AttachmentEnd(3, true, "too slow"), AttachmentEnd.Read);
        RoundTrip(new LogTrouble("web", LogTroubleKind.WriteFailed, 28, 4096), LogTrouble.Read);
        RoundTrip(new LogOptions { MaxSize = 1, BytesPerSecond = 2, Sync = LogSync.Interval, SyncSeconds = 3 }, LogOptions.Read);
        RoundTrip(new ExecReply(long.MaxValue, 4713, new LaunchMoments([])), ExecReply.Read);
        RoundTrip(new KillExecRequest(7), KillExecRequest.Read);
        RoundTrip(new ResizeRequest("web", 80, 24), ResizeRequest.Read);
        RoundTrip(new ExecExit(7, 255), ExecExit.Read);
        RoundTrip(new FailureMessage(MonitorErrorKind.LaunchFailed, "größer als µ"), FailureMessage.Read);
        ContainerExit exit = new("web", 137, 9, true, 1_709_210_096_123_456_789);
        RoundTrip(exit, ContainerExit.Read);
        RoundTrip(new MonitoredContainer("web", 4712, MonitoredState.Exited, 5, exit), MonitoredContainer.Read);
        RoundTrip(new MonitoredContainer("web", 4712, MonitoredState.Running, 0, null) { RateLimitedLogBytes = 9, DroppedAttachments = 2 }, MonitoredContainer.Read);
    }

    [Fact]
    public void Lists_of_strings_come_through()
    {
        AssignRequest assign = new("/run/pod", "pod", ["/sys/a", ""], MonitorLogLevel.Debug);
        AssignRequest read = Read(Bytes(assign), AssignRequest.Read);
        Assert.Equal(assign.CgroupProcs, read.CgroupProcs);
        Assert.Equal(assign with { CgroupProcs = read.CgroupProcs }, read);

        CreateContainerRequest create = new("web", default) { LogPath = "/l/0.log", LogDirectory = "/l", Stdin = true, CgroupDirectories = ["/sys/c"] };
        PayloadReader reader = new(Bytes(create));
        CreateContainerRequest copy = CreateContainerRequest.Read(ref reader);
        Assert.Equal(create.CgroupDirectories, copy.CgroupDirectories);
        Assert.Equal(create with { CgroupDirectories = copy.CgroupDirectories }, copy);
    }

    [Fact]
    public void Messages_of_an_earlier_version_that_lack_the_newest_fields_are_understood()
    {
        CreateContainerRequest create = new("web", default) { LogPath = "/l/0.log", LogOptions = new LogOptions { MaxSize = 8192 } };
        byte[] withoutRestore = Bytes(create)[..^4];
        Assert.Equal("", Read(withoutRestore, CreateContainerRequest.Read).RestoredPidFile);
        byte[] withoutBinary = withoutRestore[..^1];
        Assert.Equal((8192, null), Read(withoutBinary, CreateContainerRequest.Read) is var logging ? (logging.LogOptions.MaxSize, logging.Binary) : default);
        byte[] withoutLog = withoutBinary[..^Bytes(create.LogOptions).Length];
        Assert.Equal(LogOptions.Default, Read(withoutLog, CreateContainerRequest.Read).LogOptions);

        ExecMessage exec = new("web", false, false, false, false);
        Assert.Equal(exec, Read(Bytes(exec)[..^1], ExecMessage.Read));
        Assert.Equal(exec, Read(Bytes(exec)[..^5], ExecMessage.Read));
        MonitoredContainer container = new("web", 1, MonitoredState.Running, 0, null);
        Assert.Equal(container, Read(Bytes(container)[..^12], MonitoredContainer.Read));
    }

    [Fact]
    public void The_moments_of_a_launch_come_through_and_a_reply_without_them_is_a_few_bytes()
    {
        LaunchMoment[] moments = [new(LaunchStage.Clone, 1_709_210_096_123_456_789), new(LaunchStage.Ready, long.MaxValue), new((LaunchStage)99, 0)];
        CreateContainerReply reply = new(4712, new LaunchMoments(moments));
        CreateContainerReply read = Read(Bytes(reply), CreateContainerReply.Read);
        Assert.Equal(4712, read.Pid);
        Assert.Equal(moments, read.Moments.All);
        Assert.Equal(moments, Read(Bytes(reply.Moments), LaunchMoments.Read).All);

        byte[] untimed = Bytes(new CreateContainerReply(4712, new LaunchMoments([])));
        Assert.Equal(sizeof(int), untimed.Length); // as an earlier monitor's
        Assert.Empty(Read(untimed, CreateContainerReply.Read).Moments.All);
        Assert.Empty(Read([], LaunchMoments.Read).All);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void A_number_of_moments_that_is_not_true_is_refused(int count)
    {
        byte[] bytes = Bytes(new LaunchMoments([new(LaunchStage.Clone, 1), new(LaunchStage.Ready, 2)]));
        BitConverter.TryWriteBytes(bytes, count);
        Assert.Throws<ProtocolException>(() => Read(bytes, LaunchMoments.Read));
    }

    [Fact]
    public void Options_for_another_runtimes_binary_come_out_as_they_went_in()
    {
        BinaryOptions options = new("/run/pods/p/bundles/c", "init", 60);
        Assert.Equal(options, Read(Bytes(new CreateContainerRequest("web", default) { Binary = options }), CreateContainerRequest.Read).Binary);
        Assert.Equal(options, Read(Bytes(new ExecMessage("web", true, false, false, false) { Binary = options }), ExecMessage.Read).Binary);
        foreach (BinaryOptions bad in (BinaryOptions[])[options with { Directory = "here" }, options with { Name = "../up" }, options with { Name = "" }, options with { LimitSeconds = 0 }])
            Assert.Throws<MonitorException>(bad.Validate);
    }

    [Fact]
    public void A_field_that_a_later_version_added_is_ignored()
    {
        byte[] longer = [.. Bytes(new SignalRequest("web", 9)), 1, 2, 3, 4];
        Assert.Equal(new SignalRequest("web", 9), Read(longer, SignalRequest.Read));
    }

    [Fact]
    public void A_message_that_is_too_long_for_a_frame_is_refused_by_its_writer()
    {
        Assert.Throws<ProtocolException>(() =>
        {
            PayloadWriter writer = new(new byte[10]);
            new ContainerRequest("a long name").Write(ref writer);
        });
    }

    [Fact]
    public void Hostile_bytes_give_a_protocol_error_and_never_anything_else()
    {
        Random random = new(4711);
        byte[] valid = Bytes(new AssignRequest("/run/pod", "pod", ["/sys/a", "/sys/b"], MonitorLogLevel.Error));
        for (int i = 0; i < 100_000; i++)
        {
            byte[] hostile = valid[..random.Next(valid.Length + 1)];
            for (int flips = random.Next(4); flips > 0 && hostile.Length > 0; flips--)
                hostile[random.Next(hostile.Length)] = (byte)random.Next(256);
            try
            {
                Read(hostile, AssignRequest.Read);
            }
            catch (ProtocolException)
            {
                // The only way out.
            }
        }
    }

    [Fact]
    public void A_list_that_claims_two_billion_entries_allocates_nothing()
    {
        Assert.Throws<ProtocolException>(() =>
        {
            PayloadReader reader = new([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]);
            reader.ReadStrings();
        });
    }

    private static void RoundTrip<T>(T message, Reading<T> read)
        where T : IPayload => Assert.Equal(message, Read(Bytes(message), read));

    private static T Read<T>(byte[] bytes, Reading<T> read)
    {
        PayloadReader reader = new(bytes);
        return read(ref reader);
    }

    private static byte[] Bytes<T>(T message)
        where T : IPayload
    {
        byte[] buffer = new byte[4096];
        PayloadWriter writer = new(buffer);
        message.Write(ref writer);
        return buffer[..writer.Length];
    }
}
