using CriRuntime.Cni;
using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Errors;
using CriRuntime.Images;
using CriRuntime.Linux;
using Grpc.Core;

namespace CriRuntime.CriServer.Tests.Errors;

public sealed class StatusMappingTests
{
    public static TheoryData<Exception, StatusCode> Failures => new()
    {
        { CriException.NotFound("x"), StatusCode.NotFound },
        { CriException.AlreadyExists("x"), StatusCode.AlreadyExists },
        { CriException.InvalidArgument("x"), StatusCode.InvalidArgument },
        { CriException.FailedPrecondition("x"), StatusCode.FailedPrecondition },
        { new CriException(CriErrorKind.DeadlineExceeded, "x"), StatusCode.DeadlineExceeded },
        { new ImageException(ImageErrorKind.Unauthorized, "x"), StatusCode.Unauthenticated },
        { new ImageException(ImageErrorKind.DataLoss, "x"), StatusCode.DataLoss },
        { new CniException(CniFailure.TimedOut, "x"), StatusCode.DeadlineExceeded },
        { new CniException(CniFailure.PluginError, "x"), StatusCode.Internal },
        { new MonitorException(MonitorErrorKind.Gone, "x"), StatusCode.Unavailable },
        { new MonitorException(MonitorErrorKind.WrongState, "x"), StatusCode.FailedPrecondition },
        { new LinuxException("mount", "/x", Errno.ENOSPC), StatusCode.ResourceExhausted },
        { new LinuxException("mount", "/x", Errno.EPERM), StatusCode.Internal },
        { new OperationCanceledException(), StatusCode.Cancelled },
        { new RpcException(new Status(StatusCode.Aborted, "x")), StatusCode.Aborted },
        { new InvalidOperationException("x"), StatusCode.Internal },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Every_failure_has_its_status(Exception failure, StatusCode expected) =>
        Assert.Equal(expected, StatusMapping.ToStatus(failure).StatusCode);

    [Fact]
    public void A_full_disk_is_a_want_of_resources_also_where_it_is_only_the_cause()
    {
        IOException full = Assert.Throws<IOException>(() => File.WriteAllBytes("/dev/full", [1]));
        Assert.Equal(StatusCode.ResourceExhausted, StatusMapping.ToStatus(full).StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, StatusMapping.ToStatus(new CriException(CriErrorKind.Internal, "x", full)).StatusCode);
        Assert.Equal(StatusCode.Internal, StatusMapping.ToStatus(Assert.Throws<FileNotFoundException>(() => File.ReadAllBytes("/none"))).StatusCode);
    }

    [Fact]
    public void The_message_names_call_path_and_reason() =>
        Assert.Equal("mount /x: EPERM", StatusMapping.ToStatus(new LinuxException("mount", "/x", Errno.EPERM)).Detail);
}
