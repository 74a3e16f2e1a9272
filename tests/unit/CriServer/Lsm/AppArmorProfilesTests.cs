using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.CriServer.Tests.Observability;
using Microsoft.Extensions.Logging.Abstractions;

namespace CriRuntime.CriServer.Tests.Lsm;

/// <summary>Which profile a container gets, on a node whose list of profiles is a file and whose parser a script that adds to it.</summary>
public sealed class AppArmorProfilesTests : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("apparmor-").FullName;
    private readonly Telemetry _telemetry = new();

    public AppArmorProfilesTests()
    {
        File.WriteAllText(ProfilesFile, "strict (enforce)\nwith (brackets) and spaces (complain)\n");
        WriteParser($"sed -n 's/^profile \"\\([^\"]*\\)\".*/\\1 (enforce)/p' >> {ProfilesFile}");
    }

    public static TheoryData<SecurityProfile?> DefaultOnes { get; } = new(null, new SecurityProfile(SecurityProfileKind.RuntimeDefault, ""));

    private string ProfilesFile => Path.Join(_base, "profiles");

    private string Parser => Path.Join(_base, "apparmor_parser");

    public void Dispose() => Directory.Delete(_base, true);

    [Theory]
    [MemberData(nameof(DefaultOnes))]
    public async Task RuntimeDefault_and_no_profile_at_all_load_the_own_one(SecurityProfile? profile)
    {
        Assert.Equal("criruntime-default", await Resolve(profile));
        Assert.Contains("criruntime-default (enforce)", File.ReadAllText(ProfilesFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_own_profile_is_loaded_once_by_many_containers_and_again_when_somebody_took_it_away()
    {
        WriteParser($"echo 'criruntime-default (enforce)' >> {ProfilesFile}; echo loaded >> {_base}/calls");
        using AppArmorProfiles profiles = Profiles();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => profiles.ResolveAsync(new ContainerSecurity()).AsTask()));
        Assert.Single(File.ReadAllLines(Path.Join(_base, "calls")));
        File.WriteAllText(ProfilesFile, "");
        await profiles.ResolveAsync(new ContainerSecurity());
        Assert.Equal(2, File.ReadAllLines(Path.Join(_base, "calls")).Length);
        Assert.Contains("criruntime_apparmor_profile_loads_total{outcome=\"succeeded\"} 2\n", Exposition.Of(_telemetry), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strict", "strict")]
    [InlineData("localhost/strict", "strict")]
    [InlineData("with (brackets) and spaces", "with (brackets) and spaces")]
    public async Task A_named_profile_that_is_loaded_is_used_by_a_privileged_container_too(string reference, string name)
    {
        SecurityProfile profile = new(SecurityProfileKind.Localhost, reference);
        Assert.Equal(name, await Resolve(profile));
        Assert.Equal(name, await Resolve(profile, privileged: true));
    }

    [Theory]
    [InlineData("localhost/missing", CriErrorKind.FailedPrecondition)]
    [InlineData("stric", CriErrorKind.FailedPrecondition)]
    [InlineData("localhost/", CriErrorKind.InvalidArgument)]
    [InlineData("strict\nexec unconfined", CriErrorKind.InvalidArgument)]
    public async Task A_named_profile_that_is_not_loaded_is_refused(string reference, CriErrorKind kind)
    {
        CriException e = await Assert.ThrowsAsync<CriException>(() => Resolve(new SecurityProfile(SecurityProfileKind.Localhost, reference)));
        Assert.Equal(kind, e.Kind);
        Assert.Contains("security_context.apparmor", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unconfined_and_privileged_containers_have_none()
    {
        Assert.Null(await Resolve(new SecurityProfile(SecurityProfileKind.Unconfined, "")));
        Assert.Null(await Resolve(null, privileged: true));
        Assert.Null(await Resolve(new SecurityProfile(SecurityProfileKind.RuntimeDefault, ""), privileged: true));
    }

    [Fact]
    public async Task Without_a_parser_only_a_container_that_asks_for_RuntimeDefault_is_refused()
    {
        File.Delete(Parser);
        Assert.Null(await Resolve(null));
        CriException e = await Assert.ThrowsAsync<CriException>(() => Resolve(new SecurityProfile(SecurityProfileKind.RuntimeDefault, "")));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("install the package apparmor", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_parser_complains_of_is_told()
    {
        WriteParser("echo 'syntax error, unexpected TOK_END' >&2; exit 1");
        CriException e = await Assert.ThrowsAsync<CriException>(() => Resolve(new SecurityProfile(SecurityProfileKind.RuntimeDefault, "")));
        Assert.Contains("unexpected TOK_END", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operators_default_is_used_when_he_has_loaded_it()
    {
        Assert.Equal("strict", await Resolve(null, defaultProfile: "strict"));
        Assert.Null(await Resolve(null, defaultProfile: "unconfined"));
        Assert.Null(await Resolve(null, defaultProfile: "missing"));
        SecurityProfile runtimeDefault = new(SecurityProfileKind.RuntimeDefault, "");
        CriException e = await Assert.ThrowsAsync<CriException>(() => Resolve(runtimeDefault, defaultProfile: "missing"));
        Assert.Contains("security.apparmorProfile is not loaded", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_AppArmor_only_a_named_profile_is_refused()
    {
        AppArmorHost none = new(false, "/nonexistent", "");
        Assert.Null(await Resolve(null, host: none));
        Assert.Null(await Resolve(new SecurityProfile(SecurityProfileKind.RuntimeDefault, ""), host: none));
        CriException e = await Assert.ThrowsAsync<CriException>(() => Resolve(new SecurityProfile(SecurityProfileKind.Localhost, "strict"), host: none));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
    }

    [Fact]
    public async Task A_refused_container_leaves_nothing()
    {
        using Daemon daemon = new(appArmor: Host());
        string pod = await daemon.RunAsync();
        ContainerConfig config = Daemon.ContainerConfig() with { Security = new ContainerSecurity { AppArmor = new SecurityProfile(SecurityProfileKind.Localhost, "missing") } };
        await Assert.ThrowsAsync<CriException>(() => daemon.Create.ExecuteAsync(pod, config, CancellationToken.None));
        Assert.Empty(daemon.State.Containers.Current);
        string id = await daemon.Create.ExecuteAsync(pod, config with { Security = new ContainerSecurity() }, CancellationToken.None);
        Assert.Equal("criruntime-default", daemon.Specs.Get(daemon.State.Containers.Get(id)).Process!.ApparmorProfile);
    }

    private AppArmorHost Host() => new(true, ProfilesFile, Parser);

    private AppArmorProfiles Profiles(AppArmorHost? host = null, string defaultProfile = AppArmorProfiles.OwnProfile) =>
        new(host ?? Host(), defaultProfile, _telemetry, NullLogger<AppArmorProfiles>.Instance);

    private async Task<string?> Resolve(
        SecurityProfile? profile, bool privileged = false, AppArmorHost? host = null, string defaultProfile = AppArmorProfiles.OwnProfile)
    {
        using AppArmorProfiles profiles = Profiles(host, defaultProfile);
        return await profiles.ResolveAsync(new ContainerSecurity { AppArmor = profile, Privileged = privileged });
    }

    private void WriteParser(string script)
    {
        string text = $"#!/bin/sh\n{script}\n";
        File.WriteAllText(Parser, text);
        File.SetUnixFileMode(Parser, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
