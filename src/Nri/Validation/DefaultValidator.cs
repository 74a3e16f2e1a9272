using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Validation;

/// <summary>The operator's rules for what plugins may do to containers.</summary>
internal sealed class DefaultValidator(DefaultValidatorOptions options)
{
    /// <exception cref="NriException">The rule that is broken, and who broke it.</exception>
    internal void Check(ValidateContainerAdjustmentRequest request)
    {
        FieldOwners owners = request.Owners.Owners.GetValueOrDefault(request.Container.Id) ?? new FieldOwners();
        if (options.RejectOciHookAdjustment && owners.Simple.TryGetValue((int)Field.OciHooks, out string? hooks))
            throw Rejected(hooks, "OCI hooks");
        if (owners.Simple.TryGetValue((int)Field.SeccompPolicy, out string? seccomp) && IsSeccompRejected(request.Container.Linux?.SeccompProfile))
            throw Rejected(seccomp, "the seccomp policy");
        if (options.RejectNamespaceAdjustment && Owners(owners, Field.Namespace) is { } namespaces)
            throw Rejected(namespaces, "namespaces");
        if (options.RejectSysctlAdjustment && Owners(owners, Field.Sysctl) is { } sysctls)
            throw Rejected(sysctls, "sysctls");
        RequiredPlugins.Check(request, options);
    }

    private bool IsSeccompRejected(SecurityProfile? profile) => (profile?.ProfileType ?? SecurityProfile.Types.ProfileType.Unconfined) switch
    {
        SecurityProfile.Types.ProfileType.RuntimeDefault => options.RejectRuntimeDefaultSeccompAdjustment,
        SecurityProfile.Types.ProfileType.Localhost => options.RejectCustomSeccompAdjustment,
        _ => options.RejectUnconfinedSeccompAdjustment,
    };

    private static string? Owners(FieldOwners owners, Field field) =>
        owners.Compound.TryGetValue((int)field, out CompoundFieldOwners? entries) && entries.Owners.Count > 0
            ? string.Join(", ", entries.Owners.Values.Distinct())
            : null;

    private static NriException Rejected(string plugins, string what) => new($"NRI plugin {plugins} may not adjust {what} on this node");
}
