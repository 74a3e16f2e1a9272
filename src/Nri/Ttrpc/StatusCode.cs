namespace CriRuntime.Nri.Ttrpc;

/// <summary>Those of gRPC's status codes that are used here (grpc/doc/statuscodes.md).</summary>
internal static class StatusCode
{
    internal const int Ok = 0;
    internal const int Unknown = 2;
    internal const int InvalidArgument = 3;
    internal const int FailedPrecondition = 9;
    internal const int Unimplemented = 12;
}
