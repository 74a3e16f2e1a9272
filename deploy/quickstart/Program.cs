using CriRuntime.Quickstart;
using Grpc.Core;
using Grpc.Net.Client;

// quickstart SOCKET [--once | --remove] [--image REF] [--busybox PATH]: what the kubelet would do, through the CRI socket.
if (args is not [string socket, .. string[] rest])
{
    await Console.Error.WriteLineAsync("usage: quickstart SOCKET [--once | --remove] [--image REF] [--busybox PATH]");
    return 2;
}

bool once = rest.Contains("--once");
string? ValueOf(string option) => Array.IndexOf(rest, option) is >= 0 and int at && at + 1 < rest.Length ? rest[at + 1] : null;

using CancellationTokenSource interrupted = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};

using GrpcChannel channel = GrpcChannel.ForUnixSocket(socket);
Demo demo = new(channel, ValueOf("--image"), ValueOf("--busybox") ?? "/bin/busybox");
try
{
    bool remove = rest.Contains("--remove");
    if (!remove)
        await demo.RunAsync(interrupted.Token);
    if (remove || once)
        await demo.TearDownAsync(removeImage: true);
    return 0;
}
catch (Exception e) when (e is RpcException or HttpRequestException or IOException or OperationCanceledException or DemoException)
{
    string reason = e is RpcException rpc ? $"{rpc.Status.StatusCode}: {rpc.Status.Detail}" : e.Message;
    await Console.Error.WriteLineAsync(interrupted.IsCancellationRequested ? "interrupted; cleaning up" : $"quickstart: {demo.Doing}: {reason}");
    await demo.TearDownAsync(removeImage: true);
    return interrupted.IsCancellationRequested ? 130 : 1;
}
