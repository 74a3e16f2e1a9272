using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Sandboxes;

public sealed class UserNamespaceValidationTests
{
    private static readonly IdRange Usual = new(0, 65_536, 65_536);
    private static readonly NamespaceOptions Good = Options(NamespaceMode.Pod, Usual);

    [Fact]
    public void What_the_kubelet_sends_is_accepted()
    {
        UserNamespaceValidation.CheckPod(Good);
        UserNamespaceValidation.CheckPod(new NamespaceOptions());
        UserNamespaceValidation.CheckPod(Options(NamespaceMode.Node));
        UserNamespaceValidation.CheckPod(Good with { Network = NamespaceMode.Node });
        UserNamespaceValidation.CheckPod(Options(NamespaceMode.Pod, new IdRange(0, uint.MaxValue - 10, 10)));
    }

    [Theory]
    [InlineData(NamespaceMode.Container)]
    [InlineData(NamespaceMode.Target)]
    [InlineData((NamespaceMode)9)]
    public void Other_modes_are_refused(NamespaceMode mode) => Refused("mode is POD or NODE", Options(mode));

    [Fact]
    public void A_pod_has_one_mapping_of_users_and_one_of_groups()
    {
        Refused("uids", Options(NamespaceMode.Pod));
        Refused("uids", Options(NamespaceMode.Pod, Usual, new IdRange(65_536, 200_000, 10)));
        Refused("gids", Good with { UserNamespace = new UserNamespaceOptions(NamespaceMode.Pod, [Usual], []) });
        Refused("uids", Good with { UserNamespace = new UserNamespaceOptions(NamespaceMode.Pod, [], [Usual]) });
        Refused("no mappings", Options(NamespaceMode.Node, Usual));
    }

    [Theory]
    [InlineData(1u, 1000u, 100u, "container_id 0")]
    [InlineData(0u, 1000u, 0u, "length 0")]
    [InlineData(0u, uint.MaxValue, 1u, "last id")]
    [InlineData(0u, 4_294_967_000u, 1000u, "last id")]
    [InlineData(0u, 1u, uint.MaxValue, "last id")]
    public void A_range_that_cannot_be_is_refused(uint container, uint host, uint length, string reason) =>
        Refused(reason, Options(NamespaceMode.Pod, new IdRange(container, host, length)));

    [Fact]
    public void The_nodes_processes_and_shared_memory_are_not_for_such_a_pod()
    {
        Refused("pid namespace", Good with { Pid = NamespaceMode.Node });
        Refused("ipc namespace", Good with { Ipc = NamespaceMode.Node });
    }

    [Fact]
    public void A_containers_user_namespace_is_its_pods()
    {
        NamespaceOptions node = new();
        UserNamespaceValidation.CheckContainer(Good, Container(Options(NamespaceMode.Pod, Usual)));
        UserNamespaceValidation.CheckContainer(node, Container(Options(NamespaceMode.Node)));
        RefusedIn(Good, Container(node));
        RefusedIn(node, Container(Good));
        RefusedIn(Good, Container(Options(NamespaceMode.Pod, Usual with { HostId = 0 })));
        RefusedIn(Good, Container(Good with { Pid = NamespaceMode.Node }));
    }

    [Fact]
    public void A_user_outside_of_the_namespace_is_refused_by_number()
    {
        UserNamespaceValidation.CheckUser(Good, new ResolvedUser(65_535, 0, [65_535], "/"));
        UserNamespaceValidation.CheckUser(new NamespaceOptions(), new ResolvedUser(70_000, 0, [], "/"));
        Assert.Contains("70000", Invalid(() => UserNamespaceValidation.CheckUser(Good, new ResolvedUser(70_000, 0, [], "/"))).Message, StringComparison.Ordinal);
        Assert.Contains("65536", Invalid(() => UserNamespaceValidation.CheckUser(Good, new ResolvedUser(0, 0, [5, 65_536], "/"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volumes_mappings_may_be_several_but_not_overlap()
    {
        UserNamespaceValidation.CheckMount("m", new MountIdMappings([new(0, 100, 10), new(10, 300, 5)], [Usual]));
        Invalid(() => UserNamespaceValidation.CheckMount("m", new MountIdMappings([new(0, 100, 10), new(9, 300, 5)], [Usual])));
        Invalid(() => UserNamespaceValidation.CheckMount("m", new MountIdMappings([new(0, 100, 10), new(20, 105, 5)], [Usual])));
        Invalid(() => UserNamespaceValidation.CheckMount("m", new MountIdMappings([Usual], [])));
        IdRange[] many = [.. Enumerable.Range(0, 341).Select(i => new IdRange((uint)i, (uint)i, 1))];
        Invalid(() => UserNamespaceValidation.CheckMount("m", new MountIdMappings(many, [Usual])));
    }

    private static NamespaceOptions Options(NamespaceMode mode, params IdRange[] ranges) => new() { UserNamespace = new UserNamespaceOptions(mode, ranges, ranges) };

    private static ContainerConfig Container(NamespaceOptions options) =>
        Daemon.ContainerConfig() with { Security = new ContainerSecurity { Namespaces = options } };

    private static void Refused(string reason, NamespaceOptions options) =>
        Assert.Contains(reason, Invalid(() => UserNamespaceValidation.CheckPod(options)).Message, StringComparison.Ordinal);

    private static void RefusedIn(NamespaceOptions pod, ContainerConfig container) => Invalid(() => UserNamespaceValidation.CheckContainer(pod, container));

    private static CriException Invalid(Action check)
    {
        CriException refused = Assert.Throws<CriException>(check);
        Assert.Equal(CriErrorKind.InvalidArgument, refused.Kind);
        return refused;
    }
}
