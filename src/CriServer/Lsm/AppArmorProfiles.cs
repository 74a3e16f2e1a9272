using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Lsm;

/// <summary>
/// Which AppArmor profile a container runs under. No profile means RuntimeDefault, as the CRI has it; a privileged container is unconfined unless it
/// names a profile. RuntimeDefault is the profile of our own, loaded when it is not, or the operator's, who loads it.
/// </summary>
/// <param name="defaultProfile">What RuntimeDefault means: <see cref="OwnProfile"/>, <see cref="Unconfined"/>, or the name of a profile that is loaded by others.</param>
public sealed class AppArmorProfiles(AppArmorHost host, string defaultProfile, Telemetry telemetry, ILogger<AppArmorProfiles> logger) : IDisposable
{
    /// <summary>The profile that this runtime brings along.</summary>
    public const string OwnProfile = "criruntime-default";

    public const string Unconfined = "unconfined";

    private const string LocalhostPrefix = "localhost/";

    private readonly SemaphoreSlim _loading = new(1);
    private string? _told;

    public void Dispose() => _loading.Dispose();

    /// <summary>Loads the default profile, so that the first container need not wait for it; says in the log when it can't.</summary>
    public async Task WarmAsync()
    {
        if (!host.Enabled || defaultProfile == Unconfined)
            return;
        if (await ObstacleAsync().ConfigureAwait(false) is { } obstacle)
            Tell(obstacle);
    }

    /// <returns>The name of a loaded profile; null: unconfined.</returns>
    /// <exception cref="CriException">FailedPrecondition when a profile is demanded that the node does not have; InvalidArgument for what is no name.</exception>
    public async ValueTask<string?> ResolveAsync(ContainerSecurity security)
    {
        switch (security.AppArmor)
        {
            case { Kind: SecurityProfileKind.Localhost } named:
                return Named(named.LocalhostRef);
            case { Kind: SecurityProfileKind.Unconfined }:
                return null;
        }

        if (!host.Enabled || security.Privileged || defaultProfile == Unconfined)
            return null;
        if (await ObstacleAsync().ConfigureAwait(false) is not { } obstacle)
            return defaultProfile;
        if (security.AppArmor is not null)
            throw CriException.FailedPrecondition($"security_context.apparmor: the profile of RuntimeDefault can't be used: {obstacle}");
        Tell(obstacle);
        return null;
    }

    private string Named(string reference)
    {
        const string Field = "security_context.apparmor: localhost_ref";
        string shown = TextLimits.Shorten(reference);
        string name = reference.StartsWith(LocalhostPrefix, StringComparison.Ordinal) ? reference[LocalhostPrefix.Length..] : reference;
        if (name.Length is 0 or > 4096 || name.Any(char.IsControl))
            throw CriException.InvalidArgument($"{Field} \"{shown}\" is not the name of a profile");
        if (!host.Enabled)
            throw CriException.FailedPrecondition($"{Field}: profile \"{shown}\" is asked for, and AppArmor is not enabled on this node");
        try
        {
            return host.IsLoaded(name)
                ? name
                : throw CriException.FailedPrecondition($"{Field}: profile \"{shown}\" is not loaded on this node; load it with apparmor_parser");
        }
        catch (AppArmorException e)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, $"{Field} \"{shown}\": {e.Message}", e);
        }
    }

    /// <summary>Null when the default profile is loaded, which it is after this if it is ours; else what stands in the way.</summary>
    private async Task<string?> ObstacleAsync()
    {
        try
        {
            if (host.IsLoaded(defaultProfile))
                return null;
            if (defaultProfile != OwnProfile)
                return $"profile \"{defaultProfile}\" of security.apparmorProfile is not loaded; load it with apparmor_parser";
            await LoadAsync().ConfigureAwait(false);
            return null;
        }
        catch (AppArmorException e)
        {
            return e.Message;
        }
    }

    private async Task LoadAsync()
    {
        await _loading.WaitAsync().ConfigureAwait(false);
        try
        {
            if (host.IsLoaded(OwnProfile))
                return;
            await host.LoadAsync(DefaultAppArmorProfile.Text(OwnProfile)).ConfigureAwait(false);
            telemetry.ProfileLoaded(succeeded: true);
            LsmLog.ProfileLoaded(logger, OwnProfile);
        }
        catch (AppArmorException)
        {
            telemetry.ProfileLoaded(succeeded: false);
            throw;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Once, and again when the reason is another.</summary>
    private void Tell(string obstacle)
    {
        if (Interlocked.Exchange(ref _told, obstacle) != obstacle)
            LsmLog.NoDefaultProfile(logger, obstacle);
    }
}
