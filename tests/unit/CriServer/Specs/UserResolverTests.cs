using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.Specs.Users;

namespace CriRuntime.CriServer.Tests.Specs;

public sealed class UserResolverTests
{
    private const string Passwd =
        "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\nweb:x:1000:1001::/home/web:/bin/sh\n1000:x:0:0::/root:/bin/sh\nbig:x:4294967295:0::/:\n+nis:x:0:0::/:\n";

    private const string Group = "root:x:0:\nweb:x:1001:\nstaff:x:50:web,other\naudio:x:29:web\nhuge:x:99999999999:web\n";

    [Theory]
    [InlineData("", 0, 0, "/root")]
    [InlineData("web", 1000, 1001, "/home/web")]
    [InlineData("web:staff", 1000, 50, "/home/web")]
    [InlineData("web:7", 1000, 7, "/home/web")]
    [InlineData("1000", 1000, 1001, "/home/web")] // a number is never the name of the user "1000", who is root (CVE-2026-46680)
    [InlineData("4000", 4000, 0, "/")]
    [InlineData("4000:4001", 4000, 4001, "/")]
    public void The_images_user_is_resolved(string user, uint uid, uint gid, string home)
    {
        ResolvedUser resolved = Resolve(new ContainerSecurity(), user);
        Assert.Equal((uid, gid, home), (resolved.Uid, resolved.Gid, resolved.Home));
    }

    [Theory]
    [InlineData("4294967296")] // wraps to 0 in 32 bits (CVE-2024-40635)
    [InlineData("2147483648")]
    [InlineData("99999999999999999999999999")]
    [InlineData("-1")]
    [InlineData("+0")]
    [InlineData("0:4294967296")]
    [InlineData("nobody-knows")]
    [InlineData("web:nobody-knows")]
    [InlineData("big")]
    [InlineData("+nis")]
    public void An_id_out_of_range_or_an_unknown_name_is_refused(string user) =>
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(() => Resolve(new ContainerSecurity(), user)).Kind);

    [Fact]
    public void The_request_comes_before_the_image()
    {
        Assert.Equal(1000u, Resolve(new ContainerSecurity { RunAsUsername = "web" }, "root").Uid);
        Assert.Equal(0u, Resolve(new ContainerSecurity { RunAsUser = 0 }, "web").Uid);
        ResolvedUser both = Resolve(new ContainerSecurity { RunAsUser = 1000, RunAsGroup = 5 }, "root:root");
        Assert.Equal((1000u, 5u), (both.Uid, both.Gid));
        Assert.Throws<CriException>(() => Resolve(new ContainerSecurity { RunAsUser = -1 }, ""));
        Assert.Throws<CriException>(() => Resolve(new ContainerSecurity { RunAsUser = 1L << 32 }, ""));
    }

    [Fact]
    public void Groups_are_those_of_the_image_and_the_request_or_with_strict_the_requests_alone()
    {
        ContainerSecurity merge = new() { SupplementalGroups = [50, 60] };
        Assert.Equal([1001u, 50u, 29u, 60u], Resolve(merge, "web").AdditionalGids);
        Assert.Equal([1001u, 50u, 60u], Resolve(merge with { StrictSupplementalGroups = true }, "web").AdditionalGids);
        Assert.Throws<CriException>(() => Resolve(merge with { SupplementalGroups = [1L << 31] }, "web"));
    }

    [Theory]
    [InlineData("/home/a\rB=c")]
    [InlineData("relative")]
    [InlineData("")]
    public void A_home_that_could_break_out_of_a_line_is_no_home(string home) =>
        Assert.Equal("/", UserResolver.Resolve(new ContainerSecurity(), "a", $"a:x:5:5::{home}:/bin/sh\n", "").Home);

    [Fact]
    public void An_image_without_accounts_runs_as_root()
    {
        Assert.Equal(0u, UserResolver.Resolve(new ContainerSecurity(), "", "", "").Uid);
        Assert.Equal(0u, UserResolver.Resolve(new ContainerSecurity(), "root:root", "", "").Gid);
    }

    private static ResolvedUser Resolve(ContainerSecurity security, string imageUser) =>
        UserResolver.Resolve(security, imageUser, Passwd, Group);
}
