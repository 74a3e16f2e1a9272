using CriRuntime.Conmon.Binaries;
using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Launching;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Containers;

/// <summary>The pod's containers by id: creation, look-up, deletion.</summary>
internal sealed class ContainerTable(MonitorContext context)
{
    private const int MaxIdLength = 128;

    private readonly Dictionary<string, Container> _containers = [];
    private readonly Dictionary<string, ContainerDeletion> _deletions = [];

    internal int Count => _containers.Count;

    internal IEnumerable<Container> All => _containers.Values;

    /// <exception cref="MonitorException">NotFound.</exception>
    internal Container Get(string id) =>
        _containers.TryGetValue(id, out Container? container)
            ? container
            : throw new MonitorException(MonitorErrorKind.NotFound, $"the monitor of pod {context.PodId} knows no container {id}");

    /// <summary>Clones a container. The reply follows when it is set up, or could not be.</summary>
    internal void Create(CreateContainerRequest request, LaunchPlan plan, Requester requester)
    {
        ValidateId(request.Id);
        if (_containers.ContainsKey(request.Id))
            throw new MonitorException(MonitorErrorKind.AlreadyExists, $"container {request.Id} exists already");
        LogLocation? location = request.LogPath.Length == 0 ? null : LogLocation.Of(request.LogPath, request.LogDirectory);
        request.LogOptions.Validate();
        LogReporter reporter = new(context, request.Id);
        CriLogFile? log = location is null ? null : new CriLogFile(location, request.LogOptions, reporter);
        ContainerPipes? pipes = null;
        try
        {
            pipes = request.Terminal ? null : ContainerPipes.Create(request.Stdin);
            ILaunch launch = Launch(request, plan, pipes?.Stdio ?? LaunchStdio.None);
            pipes?.CloseContainerEnds();
            ContainerOutput output = new(context, request, log, pipes);
            ContainerCgroups cgroups = new(request.CgroupDirectories);
            _containers[request.Id] = new Container(context, request.Id, launch, output, cgroups, requester) { Ended = OnEnded };
        }
        catch (Exception e) when (e is LaunchException or LinuxException or MonitorException)
        {
            pipes?.CloseAll();
            log?.Dispose();
            throw;
        }
    }

    /// <summary>Ends what is left of a container, removes its cgroups and record, and forgets it. One that is unknown is deleted already.</summary>
    internal void Delete(string id, Requester requester)
    {
        if (!_containers.TryGetValue(id, out Container? container))
        {
            requester.Succeed();
            return;
        }

        if (_deletions.TryGetValue(id, out ContainerDeletion? underWay))
        {
            underWay.Join(requester);
            return;
        }

        ContainerDeletion deletion = new(context, container, requester, Forget);
        _deletions[id] = deletion;
        deletion.Begin();
    }

    /// <summary>A deletion was given up; the container stays.</summary>
    internal void Abandon(string id) => _deletions.Remove(id);

    private ILaunch Launch(CreateContainerRequest request, LaunchPlan plan, LaunchStdio stdio) => request.Binary is { } binary
        ? BinaryLaunch.Create(context, binary, plan, stdio, request.Terminal)
        : request.RestoredPidFile.Length > 0
            ? new RestoreLaunch(context, PlanRunner.Launch(plan, stdio), request.RestoredPidFile)
            : new PlanLaunch(context, PlanRunner.Launch(plan, stdio));

    private void OnEnded(Container container)
    {
        if (_deletions.TryGetValue(container.Id, out ContainerDeletion? deletion))
            deletion.Continue();
        else if (container.Exit is null)
            Forget(container);
    }

    private void Forget(Container container)
    {
        _deletions.Remove(container.Id);
        _containers.Remove(container.Id);
        container.Dispose();
    }

    private static void ValidateId(string id)
    {
        // It becomes a file name: exits/ID.
        bool valid = id.Length is > 0 and <= MaxIdLength && !id.StartsWith('.') && !id.Contains('/') && !id.Contains('\0');
        if (!valid)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"\"{id}\" is no container id");
    }
}
