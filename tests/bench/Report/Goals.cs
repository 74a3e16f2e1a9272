using System.Globalization;
using System.Text;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Workloads;

namespace CriRuntime.Bench.Report;

/// <summary>What criruntime is to reach, judged by the results of one run. What was not measured is not judged.</summary>
/// <param name="ours">The runtime that is judged.</param>
/// <param name="peer">containerd and runc.</param>
/// <param name="bare">The machine's bounds; null when they were not measured.</param>
internal sealed class Goals(Result ours, Result peer, Result? bare)
{
    private const string HostPod = "pod to running, host network";
    private const string BridgePod = "pod to running, pod network";
    private const string AddCni = "RunPodSandbox, pod network";
    private readonly StringBuilder _text = new();

    /// <summary>A Markdown table of measure, bound, and whether it is met.</summary>
    internal string Write()
    {
        _text.AppendLine("| goal | measured | bound | |").AppendLine("|---|---:|---:|---|");
        Pods();
        Lists();
        Node();
        Streams();
        Data();
        return _text.ToString();
    }

    private void Pods()
    {
        AtMost($"{HostPod}: a fifth of containerd's", HostPod, peer.Median(HostPod) / 5);
        AtMost($"{BridgePod}: the CNI plugins' time + a fifth of containerd's without CNI", BridgePod, bare?.Median(AddCni) + (peer.Median(HostPod) / 5));
        foreach (string name in new[] { "pod stopped and removed, host network", "pod stopped and removed, pod network" })
            AtMost($"{name}: a third of containerd's", name, peer.Median(name) / 3);
        AtMost("OCI run of /bin/true: a third of runc's", "OCI run of /bin/true", peer.Median("OCI run of /bin/true") / 3);
        AtMost("OCI run, peak RSS: 6 MB", "OCI run, peak RSS", 6);
    }

    private void Lists()
    {
        AtMost("ListContainers: 1 ms", "ListContainers, 50 containers", 1);
        AtMost("PodSandboxStatus: 1 ms", "PodSandboxStatus, 50 pods", 1);
        AtMost("ListContainerStats: 10 ms", "ListContainerStats, 50 containers", 10);
        AtMost("daemon RSS with 50 pods: 35 MB", "daemon RSS, 50 pods", 35);
        AtMost("monitor PSS per pod: 1.0 MB", "monitor PSS per pod", 1);
        // One tick of the clock in ten seconds is the resolution.
        AtMost("idle CPU: none", "idle CPU of daemon and monitors, 50 pods", 0.15);
    }

    /// <summary>A full node: 100 pods, 200 containers.</summary>
    private void Node()
    {
        const string Rate = "pods started, 8 at once, host network";
        AtLeast($"{Rate}: 5 times containerd's", Rate, 5 * peer.Median(Rate));
        foreach (string stats in new[] { "ListContainerStats, 200 containers", "ListPodSandboxStats, 200 containers" })
            AtMost($"{stats}: 25 ms", stats, 25);
        foreach (string one in new[] { EventLatency.Created, EventLatency.Started, EventLatency.Stopped, EventLatency.Deleted })
            AtMost($"{one}: 5 ms", one, 5);
        AtMost("daemon start to serving, 100 pods: 100 ms", "daemon start to serving, 100 pods", 100);
        AtMost("daemon start to all adopted, 100 pods: 500 ms", "daemon start to all adopted, 100 pods", 500);
    }

    private void Streams()
    {
        const string Exec = "ExecSync of true, one at a time";
        AtMost("ExecSync of true: 3 ms", Exec, 3);
        AtMost("ExecSync of true: an eighth of containerd's", Exec, peer.Median(Exec) / 8);
        foreach (string work in new[] { "200 ExecSyncs at once", "exec, from 10 % to 100 %", "attach, from 10 % to 100 %", "port-forward, from 10 % to 100 %" })
        {
            AtMost($"{work}: no process left", $"{work}: processes left", 0);
            AtMost($"{work}: no file open in the daemon", $"{work}: files left open in the daemon", 0);
            AtMost($"{work}: no file open in the monitors", $"{work}: files left open in the monitors", 0);
            AtMost($"{work}: daemon PSS flat, within 2 MB", $"{work}: growth of daemon PSS", 2);
            AtMost($"{work}: monitor PSS flat, within 0.1 MB", $"{work}: growth of monitor PSS", 0.1);
        }

        AtMost("100 attach clients: none loses bytes without a word", "100 attach clients: lost bytes without a word", 0);
        foreach (string way in new[] { "out of the pod", "into the pod" })
        {
            double? bound = Lower(1000, 0.8 * bare?.Median($"port-forward, {way}"));
            foreach (string name in new[] { $"port-forward, {way}", $"port-forward by SPDY, {way}" })
                AtLeast($"{name}: 1 GB/s or 0.8 of socat's, whichever is lower", name, bound);
        }
    }

    private void Data()
    {
        const string Log = LogThroughput.Name;
        AtLeast($"{Log}: 400 MB/s", Log, 400);
        AtLeast($"{Log}: 1 GB/s or 0.9 of cat's, whichever is lower", Log, Lower(1000, 0.9 * bare?.Median(Log)));
        const string Pull = PullThroughput.Name;
        AtLeast($"{Pull}: 1.5 times containerd's", Pull, 1.5 * peer.Median(Pull));
    }

    private static double? Lower(double bound, double? other) => other is { } value ? Math.Min(bound, value) : null;

    private void AtMost(string goal, string measure, double? bound) => Judge(goal, measure, bound, "at most", (value, limit) => value <= limit);

    private void AtLeast(string goal, string measure, double? bound) => Judge(goal, measure, bound, "at least", (value, limit) => value >= limit);

    private void Judge(string goal, string measure, double? bound, string relation, Func<double, double, bool> met)
    {
        if (ours.Median(measure) is { } value && bound is { } limit)
            _text.AppendLine(CultureInfo.InvariantCulture, $"| {goal} | {Table.Number(value)} | {relation} {Table.Number(limit)} | {(met(value, limit) ? "met" : "MISSED")} |");
    }
}
