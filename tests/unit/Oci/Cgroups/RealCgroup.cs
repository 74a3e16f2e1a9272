using System.Diagnostics;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;
using Process = System.Diagnostics.Process;

namespace CriRuntime.Oci.Tests.Cgroups;

/// <summary>Real cgroups of this machine for one test, made by the planner's steps; needs root. Gone when disposed, with the processes in them.</summary>
internal sealed class RealCgroup : IAsyncDisposable
{
    private readonly string parent;
    private readonly List<Process> processes = [];

    internal RealCgroup(LinuxResources? resources = null)
        : this($"/criruntime-test-{Environment.ProcessId}-{Guid.NewGuid():N}", "c1", resources)
    {
    }

    internal RealCgroup(string parent, string name, LinuxResources? resources)
    {
        this.parent = parent;
        Placement = CgroupPlacement.For(CgroupHierarchy.Detect(), $"{parent}/{name}");
        Setup = CgroupPlanner.Plan(Placement, resources);
        foreach (CgroupStep step in Setup.Steps)
            Execute(step);
    }

    internal CgroupPlacement Placement { get; }

    internal CgroupSetup Setup { get; }

    internal string FileOf(string controller, string file) => $"{Placement.Find(controller)!.Path}/{file}";

    /// <summary>Starts a shell that joins first and then runs the script.</summary>
    internal Process Run(string script)
    {
        string join = string.Concat(Setup.ProcsFiles.Select(static f => $"echo $$ > {f}; "));
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", join + "echo joined; " + script]) { RedirectStandardOutput = true })!;
        processes.Add(process);
        Assert.Equal("joined", process.StandardOutput.ReadLine());
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        CancellationToken none = CancellationToken.None;
        Assert.True(await new CgroupKill(Placement).KillAllAsync(TimeSpan.FromSeconds(10), none));
        foreach (Process process in processes)
        {
            await process.WaitForExitAsync(none);
            process.Dispose();
        }
        await CgroupDelete.DeleteAsync(Placement, TimeSpan.FromSeconds(10), none);
        await CgroupDelete.DeleteAsync(CgroupPlacement.For(Placement.Hierarchy, parent), TimeSpan.FromSeconds(10), none);
    }

    private static void Execute(CgroupStep step)
    {
        switch (step)
        {
            case CgroupStep.MakeDirectory make:
                Directory.CreateDirectory(make.Path);
                break;
            case CgroupStep.WriteFile { Optional: true } write:
                CgroupFile.TryWrite(write.Path, System.Text.Encoding.UTF8.GetBytes(write.Value));
                break;
            case CgroupStep.WriteFile write:
                CgroupFile.Write(write.Path, write.Value);
                break;
            case CgroupStep.CopyIfEmpty copy:
                if (string.IsNullOrWhiteSpace(File.ReadAllText(copy.Path)))
                    CgroupFile.Write(copy.Path, File.ReadAllText(copy.Source));
                break;
            case CgroupStep.AttachDeviceProgram attach:
                DeviceProgramAttachment.Replace(attach.Path, attach.Program.AsSpan());
                break;
        }
    }
}
