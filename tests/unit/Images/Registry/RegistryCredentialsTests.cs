using CriRuntime.Images.Registry;
using CriRuntime.Images.Registry.Auth;

namespace CriRuntime.Images.Tests.Registry;

public sealed class RegistryCredentialsTests
{
    [Fact]
    public void The_auth_field_is_base64_of_user_and_password()
    {
        RegistryCredentials credentials = RegistryCredentials.FromAuth(Convert.ToBase64String("alice:pa:ss"u8));
        Assert.Equal(("alice", "pa:ss"), (credentials.Username, credentials.Password));
    }

    [Theory]
    [InlineData("%%%")]
    [InlineData("bm9jb2xvbg==")]
    [InlineData("")]
    public void A_broken_auth_field_is_refused_without_quoting_it(string auth)
    {
        ImageException e = Assert.Throws<ImageException>(() => RegistryCredentials.FromAuth(auth));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
        Assert.True(auth.Length == 0 || !e.ToString().Contains(auth, StringComparison.Ordinal));
    }

    [Fact]
    public void Credentials_print_as_their_kind_only()
    {
        Assert.Equal("user and password", new RegistryCredentials { Username = "alice", Password = "secret" }.ToString());
        Assert.Equal("a registry token", new RegistryCredentials { RegistryToken = "secret" }.ToString());
        Assert.Equal("an identity token", new RegistryCredentials { IdentityToken = "secret" }.ToString());
    }

    [Fact]
    public void A_challenge_is_read_with_quotes_escapes_and_spaces()
    {
        Dictionary<string, string> parameters = AuthChallenge.ParseParameters(
            """realm="https://auth.example/token?a=b,c" , service=plain, scope="repository:a/b:pull,push repository:c:pull", error="say \"no\"" """);
        Assert.Equal("https://auth.example/token?a=b,c", parameters["REALM"]);
        Assert.Equal("plain", parameters["service"]);
        Assert.Equal("repository:a/b:pull,push repository:c:pull", parameters["scope"]);
        Assert.Equal("say \"no\"", parameters["error"]);
    }
}
