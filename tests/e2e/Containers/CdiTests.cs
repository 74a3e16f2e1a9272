using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>Devices by name (CDI): what a vendor's file says is in the container, and no more.</summary>
public sealed class CdiTests : IAsyncLifetime
{
    private Daemon _daemon = null!;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    private string Specs => Path.Combine(_daemon.Base, "cdi");

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("cdi", daemon =>
        {
            string directory = Directory.CreateDirectory(Path.Combine(daemon.Base, "cdi")).FullName;
            File.WriteAllText(daemon.ConfigFile, $$"""{ "cdi": { "specDirs": ["{{directory}}"] } }""");
        });
        await _daemon.ImportAsync("localhost/busybox:latest", TestImages.Busybox());
        _pod = _daemon.Pod("cdi");
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    [Fact]
    public async Task A_device_brings_its_node_its_mounts_and_its_variables()
    {
        string library = Path.Combine(_daemon.Base, "libvendor");
        await File.WriteAllTextAsync(library, "the library\n");
        await File.WriteAllTextAsync(Path.Combine(Specs, "vendor.yaml"), $$"""
            cdiVersion: 0.6.0
            kind: vendor.com/null
            containerEdits:
              mounts:
              - { hostPath: {{library}}, containerPath: /lib/vendor, options: [ro, bind] }
            devices:
            - name: first
              containerEdits:
                env: [VENDOR=first]
                deviceNodes:
                - { path: /dev/vendor0, hostPath: /dev/fuse, permissions: r }
            """);
        ContainerConfig config = Cri.Container("device", "sh", "-c", "cat /lib/vendor; echo $VENDOR; ls /dev/vendor0; true < /dev/vendor0 && echo opened; true > /dev/vendor0 || echo refused");
        config.CDIDevices.Add(new CDIDevice { Name = "vendor.com/null=first" });
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(_podId, _pod, config);
        Assert.Equal(0, status.ExitCode);
        Assert.StartsWith("the library\nfirst\n/dev/vendor0\nopened\n", output, StringComparison.Ordinal);
        Assert.Contains("refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hooks_after_the_start_see_the_container_run_and_gone()
    {
        string log = Path.Combine(_daemon.Base, "later-hooks");
        await File.WriteAllTextAsync(Path.Combine(Specs, "later.yaml"), $$"""
            cdiVersion: 0.6.0
            kind: vendor.com/later
            devices:
            - name: good
              containerEdits:
                hooks:
                - { hookName: poststart, path: /bin/sh, args: [sh, -c, "cat > {{log}}"] }
                - { hookName: poststop, path: /bin/sh, args: [sh, -c, "cat >> {{log}}"] }
            - name: bad
              containerEdits: { hooks: [ { hookName: poststart, path: /bin/sh, args: [sh, -c, "exit 5"] } ] }
            """);
        ContainerConfig config = Cri.Container("later", "sleep", "1000");
        config.CDIDevices.Add(new CDIDevice { Name = "vendor.com/later=good" });
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        Assert.Contains("\"running\"", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        Assert.Contains("\"stopped\"", await File.ReadAllTextAsync(log), StringComparison.Ordinal);

        config.CDIDevices[0].Name = "vendor.com/later=bad";
        string ended = await _daemon.CreateAsync(_podId, _pod, config);
        string refused = await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.StartAsync(ended));
        Assert.Contains("hook poststart /bin/sh failed with exit status 5", refused, StringComparison.Ordinal);
        ContainerStatus status = await _daemon.StatusAsync(ended);
        Assert.Equal((ContainerState.ContainerExited, 128, "StartError"), (status.State, status.ExitCode, status.Reason));
    }

    [Fact]
    public async Task A_vendors_hook_finds_the_containers_root_by_its_bundle()
    {
        string hook = Path.Combine(_daemon.Base, "vendor-hook");
        await File.WriteAllTextAsync(hook, """
            #!/usr/bin/python3
            import json, sys
            state = json.load(sys.stdin)
            root = json.load(open(state["bundle"] + "/config.json"))["root"]["path"]
            open(root + "/tmp/from-hook", "w").write(state["status"] + " " + state["id"] + "\n")
            """);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(Specs, "hook.yaml"), $$"""
            cdiVersion: 0.6.0
            kind: vendor.com/hook
            devices:
            - name: x
              containerEdits: { hooks: [ { hookName: createContainer, path: {{hook}} } ] }
            """);
        ContainerConfig config = Cri.Container("hook", "cat", "/tmp/from-hook");
        config.CDIDevices.Add(new CDIDevice { Name = "vendor.com/hook=x" });
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        ContainerStatus status = await _daemon.ExitAsync(id);
        Assert.Equal($"creating {id}\n", await Cri.MessagesAsync(status.LogPath));
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        Assert.Empty(Directory.GetDirectories(Path.Combine(_daemon.Run, "pods", _podId, "bundles")));
    }

    [Fact]
    public async Task An_annotation_asks_for_devices_too()
    {
        await File.WriteAllTextAsync(Path.Combine(Specs, "a.json"), """{ "cdiVersion": "0.6.0", "kind": "vendor.com/env", "devices": [ { "name": "x", "containerEdits": { "env": ["FROM_CDI=yes"] } } ] }""");
        ContainerConfig config = Cri.Container("annotation", "sh", "-c", "echo $FROM_CDI");
        config.Annotations["cdi.k8s.io/plugin_claim"] = "vendor.com/env=x";
        Assert.Equal("yes\n", (await _daemon.RunToEndAsync(_podId, _pod, config)).Output);
    }

    [Fact]
    public async Task A_device_that_the_node_lacks_fails_the_container_by_name()
    {
        ContainerConfig config = Cri.Container("none", "true");
        config.CDIDevices.Add(new CDIDevice { Name = "vendor.com/gpu=7" });
        string message = await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.CreateAsync(_podId, _pod, config));
        Assert.Contains("vendor.com/gpu=7", message, StringComparison.Ordinal);
        Assert.Empty((await _daemon.Runtime.ListContainersAsync(new ListContainersRequest())).Containers);
    }
}
