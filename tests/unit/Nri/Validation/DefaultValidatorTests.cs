using CriRuntime.Nri.Api;
using CriRuntime.Nri.Merging;
using CriRuntime.Nri.Validation;

namespace CriRuntime.Nri.Tests.Validation;

public sealed class DefaultValidatorTests
{
    private readonly Container _container = new() { Id = "c", Name = "app", Linux = new LinuxContainer { SeccompProfile = new SecurityProfile() } };

    [Fact]
    public void What_the_operator_forbids_is_rejected_and_the_plugin_is_named()
    {
        DefaultValidatorOptions none = new();
        ContainerAdjustment all = new()
        {
            Hooks = new Hooks { Prestart = { new Hook { Path = "/h" } } },
            Linux = new LinuxContainerAdjustment
            {
                SeccompPolicy = new LinuxSeccomp(),
                Namespaces = { new LinuxNamespace { Type = "-network" } },
                Sysctl = { ["a.b"] = "1" },
            },
        };
        Check(none, all);
        Rejects(none with { RejectOciHookAdjustment = true }, all, "OCI hooks");
        Rejects(none with { RejectRuntimeDefaultSeccompAdjustment = true }, all, "seccomp");
        Rejects(none with { RejectNamespaceAdjustment = true }, all, "namespaces");
        Rejects(none with { RejectSysctlAdjustment = true }, all, "sysctls");
        Check(none with { RejectUnconfinedSeccompAdjustment = true, RejectCustomSeccompAdjustment = true }, all);
    }

    [Theory]
    [InlineData("[10-a]", null)]
    [InlineData("- a", null)]
    [InlineData("[\"b\"]", "b")]
    [InlineData("- a\n- 'c'\n", "c")]
    [InlineData("what", "not a list")]
    public void A_pod_may_require_plugins(string annotation, string? missing)
    {
        PodSandbox pod = new() { Annotations = { ["required-plugins.noderesource.dev/container.app"] = annotation } };
        if (missing is null)
            Check(new DefaultValidatorOptions(), new ContainerAdjustment(), pod);
        else
            Assert.Contains(missing, Assert.Throws<NriException>(() => Check(new DefaultValidatorOptions(), new ContainerAdjustment(), pod)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_may_do_without_where_the_operator_lets_it()
    {
        DefaultValidatorOptions options = new() { RequiredPlugins = ["z"], TolerateMissingPluginsAnnotation = "ok.example" };
        Assert.Throws<NriException>(() => Check(options, new ContainerAdjustment()));
        Check(options, new ContainerAdjustment(), new PodSandbox { Annotations = { ["ok.example"] = "true" } });
    }

    private void Rejects(DefaultValidatorOptions options, ContainerAdjustment adjust, string what)
    {
        string message = Assert.Throws<NriException>(() => Check(options, adjust)).Message;
        Assert.Contains("10-a", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    private void Check(DefaultValidatorOptions options, ContainerAdjustment adjust, PodSandbox? pod = null)
    {
        AdjustmentMerge merge = new(_container.Clone());
        merge.Apply("10-a", new CreateContainerResponse { Adjust = adjust.Clone() });
        new DefaultValidator(options).Check(new ValidateContainerAdjustmentRequest
        {
            Pod = pod ?? new PodSandbox(),
            Container = _container,
            Adjust = adjust,
            Owners = merge.Decision.Owners,
            Plugins = { new PluginInstance { Name = "a", Index = "10" } },
        });
    }
}
