using CriRuntime.Cni.Cache;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Operations;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni;

/// <summary>
/// The pod network, by CNI specification 1.1 (0.1.0 and newer spoken): the first usable configuration of the directory, its plugins,
/// and the attachments that were made. Thread-safe; operations of different pods run in parallel, those of one pod are the caller's to serialise.
/// </summary>
public sealed class CniNetworks : IDisposable
{
    private readonly ConfDirectory _configuration;
    private readonly AttachmentCache _cache;
    private readonly OperationGate _gate = new();
    private readonly AddOperation _add;
    private readonly DelOperation _del;
    private readonly CheckOperation _check;
    private readonly GcOperation _gc;
    private readonly StatusOperation _status;
    private readonly VersionOperation _version;
    private readonly StatusWatch _statusWatch;
    private readonly string _confDir;

    /// <param name="options">Directories and time limits. None of the directories need exist.</param>
    /// <param name="warn">Gets a line for each configuration or record that is passed over, once; null drops them.</param>
    public CniNetworks(CniOptions options, Action<string>? warn = null)
    {
        Action<string> warning = warn ?? (_ => { });
        PluginDirectories plugins = new(options.BinDirs);
        PluginInvoker invoker = new(plugins, options.PluginTimeout);
        _confDir = options.ConfDir;
        _configuration = new ConfDirectory(options.ConfDir, plugins, warning);
        _cache = new AttachmentCache(options.CacheDir, warning);
        _del = new DelOperation(invoker, _cache);
        _add = new AddOperation(invoker, _cache, _del);
        _check = new CheckOperation(invoker);
        _gc = new GcOperation(invoker, _cache, _del, _gate, options.GcPatience);
        _status = new StatusOperation(invoker);
        _version = new VersionOperation(invoker);
        _statusWatch = new StatusWatch(_status, options.StatusLifetime);
    }

    /// <summary>The state as of now: the directory is looked at, STATUS is taken from its last answer. Never waits for a plugin.</summary>
    public CniReadiness Readiness
    {
        get
        {
            ConfSnapshot snapshot = _configuration.Current();
            if (snapshot.Network is not { } network)
                return new CniReadiness(false, NoNetworkReason(snapshot), null);
            string reason = _statusWatch.ReasonFor(network);
            return new CniReadiness(reason.Length == 0, reason, network.Name);
        }
    }

    /// <summary>Attaches the pod. On failure every plugin gets a DEL, and nothing is left, or the attachment stays recorded for a later DEL or GC.</summary>
    /// <exception cref="CniException">Naming plugin, network and pod.</exception>
    public async Task<CniResult> AddAsync(PodAttachment pod, CancellationToken cancellationToken)
    {
        Attachment attachment = Attachment.Of(pod);
        NetworkConfig network = RequireNetwork("ADD", pod);
        using OperationGate.Passage inside = await _gate.ShareAsync(cancellationToken).ConfigureAwait(false);
        return await _add.RunAsync(network, attachment, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Detaches the pod, by the configuration of its ADD where that is recorded, else by the present one. Idempotent; the network
    /// namespace may be gone. Succeeds when neither record nor network exists: then nothing was ever attached.
    /// </summary>
    /// <exception cref="CniException">Naming plugin, network and pod; the record stays, so that it can be tried again.</exception>
    public async Task DelAsync(PodAttachment pod, CancellationToken cancellationToken)
    {
        Attachment attachment = Attachment.Of(pod);
        using OperationGate.Passage inside = await _gate.ShareAsync(cancellationToken).ConfigureAwait(false);
        foreach (CachedAttachment cached in Recorded(attachment))
            await _del.RunAsync(NetnsLeft.Of(cached), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has the plugins check the attachment. Does nothing where the configuration says <c>disableCheck</c>.</summary>
    /// <exception cref="CniException">Something differs from the result of the ADD, or there is no CHECK (before 0.4.0).</exception>
    public async Task CheckAsync(PodAttachment pod, CancellationToken cancellationToken)
    {
        Attachment attachment = Attachment.Of(pod);
        RequireAny(attachment, pod);
        foreach (CachedAttachment cached in Recorded(attachment))
            await _check.RunAsync(cached, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes every recorded attachment that is not valid, and lets the plugins (CNI 1.1) collect what else is left.
    /// <paramref name="valid"/> is called during the work and must list every pod whose ADD may have begun by then.
    /// </summary>
    /// <exception cref="CniException">What failed; the rest was done all the same.</exception>
    public Task GcAsync(Func<IReadOnlyCollection<CniAttachmentId>> valid, CancellationToken cancellationToken) =>
        _gc.RunAsync(_configuration.Current().Network, valid, cancellationToken);

    /// <summary>Like the other overload, for a caller that lets no ADD begin meanwhile.</summary>
    /// <exception cref="CniException">What failed; the rest was done all the same.</exception>
    public Task GcAsync(IReadOnlyList<CniAttachmentId> valid, CancellationToken cancellationToken) => GcAsync(() => valid, cancellationToken);

    /// <summary>Asks the plugins now whether they can serve an ADD (CNI 1.1; older configurations always can).</summary>
    /// <exception cref="CniException">There is no network, or a plugin is not ready (code 50: nothing works; 51: running pods may suffer too).</exception>
    public Task StatusAsync(CancellationToken cancellationToken)
    {
        ConfSnapshot snapshot = _configuration.Current();
        return snapshot.Network is { } network
            ? _status.RunAsync(network, cancellationToken)
            : throw new CniException(CniFailure.NoNetwork, NoNetworkReason(snapshot)) { Command = "STATUS" };
    }

    /// <summary>The versions of the specification that a plugin says it speaks.</summary>
    /// <param name="plugin">Its type; a name with '/' is refused.</param>
    /// <exception cref="CniException">It is missing or does not answer.</exception>
    public Task<IReadOnlyList<string>> VersionAsync(string plugin, CancellationToken cancellationToken) =>
        _version.RunAsync(_configuration.Current().Network?.Name ?? "none", plugin, cancellationToken);

    /// <summary>Ends the background work. Operations under way go on.</summary>
    public void Dispose() => _statusWatch.Dispose();

    private IReadOnlyList<CachedAttachment> Recorded(Attachment attachment)
    {
        IReadOnlyList<CachedAttachment> recorded = _cache.Find(attachment);
        if (recorded.Count == 0)
            return _configuration.Current().Network is { } network ? [new CachedAttachment(network, attachment, Result: null)] : [];
        // The namespace's path is the caller's to know: the daemon may have moved it.
        return [.. recorded.Select(cached => cached with { Attachment = cached.Attachment with { Netns = attachment.Netns, Pod = attachment.Pod } })];
    }

    private NetworkConfig RequireNetwork(string command, PodAttachment pod)
    {
        ConfSnapshot snapshot = _configuration.Current();
        return snapshot.Network
            ?? throw new CniException(CniFailure.NoNetwork, $"CNI {command} for pod {pod.Pod}: {NoNetworkReason(snapshot)}") { Command = command, Pod = pod.Pod };
    }

    private void RequireAny(Attachment attachment, PodAttachment pod)
    {
        if (_cache.Find(attachment).Count == 0)
            RequireNetwork("CHECK", pod);
    }

    private string NoNetworkReason(ConfSnapshot snapshot) => snapshot.Problems.Count == 0
        ? $"no network configuration in {_confDir}; install a network plugin"
        : $"no usable network configuration in {_confDir}: {string.Join("; ", snapshot.Problems)}";
}
