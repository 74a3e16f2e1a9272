using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Services;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Services;

#pragma warning disable CS0612 // the deprecated fields are what these tests are about
public sealed class SecurityProfileTranslationTests
{
    [Theory]
    [InlineData("runtime/default", SecurityProfileKind.RuntimeDefault)]
    [InlineData("unconfined", SecurityProfileKind.Unconfined)]
    [InlineData("localhost/mine", SecurityProfileKind.Localhost)]
    public void The_deprecated_strings_are_understood(string text, SecurityProfileKind kind)
    {
        Cri.LinuxContainerSecurityContext security = new() { ApparmorProfile = text, SeccompProfilePath = text };
        Assert.Equal(kind, security.AppArmorProfile()!.Kind);
        Assert.Equal(kind, security.SeccompProfile()!.Kind);
    }

    [Fact]
    public void The_message_counts_where_both_are_set()
    {
        Cri.LinuxContainerSecurityContext security = new()
        {
            ApparmorProfile = "unconfined",
            Apparmor = new Cri.SecurityProfile { ProfileType = Cri.SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = "localhost/strict" },
        };
        Assert.Equal(new SecurityProfile(SecurityProfileKind.Localhost, "localhost/strict"), security.AppArmorProfile());
        Assert.Null(security.SeccompProfile());
    }

    [Fact]
    public void A_string_that_names_no_profile_is_refused_by_its_field()
    {
        CriException e = Assert.Throws<CriException>(() => new Cri.LinuxContainerSecurityContext { ApparmorProfile = "strict" }.AppArmorProfile());
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains("apparmor_profile \"strict\"", e.Message, StringComparison.Ordinal);
    }
}
