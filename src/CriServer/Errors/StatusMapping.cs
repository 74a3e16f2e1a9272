using CriRuntime.Cni;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Images;
using CriRuntime.Linux;
using CriRuntime.Linux.Systemd;
using CriRuntime.Nri;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;
using Grpc.Core;

namespace CriRuntime.CriServer.Errors;

/// <summary>The one place where an exception becomes a gRPC status.</summary>
public static class StatusMapping
{
    public static Status ToStatus(Exception exception)
    {
        Status status = OwnStatus(exception);
        return status.StatusCode == StatusCode.Internal && FullDisk.IsCauseOf(exception) ? new Status(StatusCode.ResourceExhausted, status.Detail) : status;
    }

    private static Status OwnStatus(Exception exception) => exception switch
    {
        RpcException rpc => rpc.Status,
        CriException cri => new Status(Code(cri.Kind), cri.Message),
        ImageException image => new Status(Code(image.Kind), image.Message),
        CniException cni => new Status(Code(cni.Failure), cni.Message),
        MonitorException monitor => new Status(Code(monitor.Kind), monitor.Message),
        SpecException spec => new Status(StatusCode.InvalidArgument, spec.Message),
        SeccompException seccomp => new Status(StatusCode.InvalidArgument, seccomp.Message),
        LaunchException launch => new Status(Code(launch.Errno), launch.Message),
        NriException nri => new Status(StatusCode.FailedPrecondition, nri.Message),
        CgroupException cgroup => new Status(StatusCode.FailedPrecondition, cgroup.Message),
        SystemdException { IsDisconnected: true } systemd => new Status(StatusCode.Unavailable, systemd.Message),
        SystemdException systemd => new Status(StatusCode.FailedPrecondition, systemd.Message),
        LinuxException linux => new Status(Code(linux.Errno), linux.Message),
        OperationCanceledException => new Status(StatusCode.Cancelled, "the client cancelled the call, or the daemon is stopping"),
        TimeoutException => new Status(StatusCode.DeadlineExceeded, exception.Message),
        OutOfMemoryException => new Status(StatusCode.ResourceExhausted, "the daemon is out of memory"),
        IOException io => new Status(Code((Errno)io.HResult), io.Message),
        _ => new Status(StatusCode.Internal, $"{exception.GetType().Name}: {exception.Message}"),
    };

    private static StatusCode Code(CriErrorKind kind) => kind switch
    {
        CriErrorKind.NotFound => StatusCode.NotFound,
        CriErrorKind.AlreadyExists => StatusCode.AlreadyExists,
        CriErrorKind.InvalidArgument => StatusCode.InvalidArgument,
        CriErrorKind.FailedPrecondition => StatusCode.FailedPrecondition,
        CriErrorKind.ResourceExhausted => StatusCode.ResourceExhausted,
        CriErrorKind.Unavailable => StatusCode.Unavailable,
        CriErrorKind.DeadlineExceeded => StatusCode.DeadlineExceeded,
        CriErrorKind.Unimplemented => StatusCode.Unimplemented,
        _ => StatusCode.Internal,
    };

    private static StatusCode Code(ImageErrorKind kind) => kind switch
    {
        ImageErrorKind.NotFound => StatusCode.NotFound,
        ImageErrorKind.Unauthorized => StatusCode.Unauthenticated,
        ImageErrorKind.Unavailable => StatusCode.Unavailable,
        ImageErrorKind.InvalidArgument or ImageErrorKind.Unsupported => StatusCode.InvalidArgument,
        ImageErrorKind.DataLoss => StatusCode.DataLoss,
        ImageErrorKind.ResourceExhausted => StatusCode.ResourceExhausted,
        ImageErrorKind.FailedPrecondition => StatusCode.FailedPrecondition,
        _ => StatusCode.Internal,
    };

    private static StatusCode Code(MonitorErrorKind kind) => kind switch
    {
        MonitorErrorKind.NotFound => StatusCode.NotFound,
        MonitorErrorKind.AlreadyExists => StatusCode.AlreadyExists,
        MonitorErrorKind.WrongState => StatusCode.FailedPrecondition,
        MonitorErrorKind.LogUnavailable => StatusCode.FailedPrecondition,
        MonitorErrorKind.Gone => StatusCode.Unavailable,

        // As containerd answers: most often the container's own fault (a program that does not exist), seldom the node's.
        MonitorErrorKind.LaunchFailed => StatusCode.Unknown,
        _ => StatusCode.Internal,
    };

    private static StatusCode Code(CniFailure failure) => failure switch
    {
        CniFailure.InvalidRequest => StatusCode.InvalidArgument,
        CniFailure.TimedOut => StatusCode.DeadlineExceeded,
        CniFailure.NoNetwork or CniFailure.PluginMissing => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };

    private static StatusCode Code(Errno errno) => errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE or Errno.EUSERS => StatusCode.ResourceExhausted,
        _ => StatusCode.Internal,
    };
}
