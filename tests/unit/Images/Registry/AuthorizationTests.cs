using System.Text;
using CriRuntime.Images.Registry;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.Images.Tests.Registry;

public sealed class AuthorizationTests
{
    private const string Token = "eyJhbGciOi.the-bearer-token";
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "correct horse" };

    private readonly TestImage _image = new();

    [Fact]
    public async Task A_bearer_challenge_is_answered_with_a_token_that_serves_the_whole_pull()
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        using RegistryClient client = new(registry.PlainOptions());
        RegistryRepository repository = client.Open(registry.Image("team/app:1"), Alice);
        await repository.FetchManifestAsync(null, default);
        await repository.ReadBlobAsync(_image.LayerDescriptor);

        SeenRequest token = registry.Requests.Single(r => r.Path == "/token");
        Assert.Equal("GET", token.Method);
        Assert.Equal("Basic " + Convert.ToBase64String("alice:correct horse"u8), token.Authorization);
        Assert.Contains("service=fake", token.Query);
        Assert.Contains("scope=repository%3Ateam%2Fapp%3Apull", token.Query);
        Assert.Equal(["", "Bearer " + Token, "Bearer " + Token],
            registry.Requests.Where(r => r.Path != "/token").Select(r => r.Authorization));
    }

    [Fact]
    public async Task Without_credentials_the_token_is_asked_for_anonymously()
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        using RegistryClient client = new(registry.PlainOptions());
        await client.Open(registry.Image("team/app:1"), null).FetchManifestAsync(null, default);
        Assert.Equal("", registry.Requests.Single(r => r.Path == "/token").Authorization);
    }

    [Fact]
    public async Task Parallel_requests_share_one_token()
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        using RegistryClient client = new(registry.PlainOptions());
        RegistryRepository repository = client.Open(registry.Image("team/app:1"), Alice);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => repository.ReadBlobAsync(_image.LayerDescriptor)));
        Assert.Single(registry.Requests, r => r.Path == "/token");
    }

    [Fact]
    public async Task An_expired_token_is_renewed_during_the_pull()
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        Func<HttpContext, Task<bool>> tokens = registry.Intercept!;
        int served = 0;
        registry.Intercept = http =>
        {
            if (http.Request.Path != "/token" && http.Request.Headers.Authorization.Count > 0 && ++served == 2)
                http.Request.Headers.Authorization = "Bearer expired";
            return tokens(http);
        };
        using RegistryClient client = new(registry.PlainOptions());
        RegistryRepository repository = client.Open(registry.Image("team/app:1"), Alice);
        await repository.FetchManifestAsync(null, default);
        // The same token again would be no answer to the challenge, so the service must give a new one.
        _token = Token + "2";
        Assert.Equal(_image.Layer, await repository.ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal(2, registry.Requests.Count(r => r.Path == "/token"));
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_by_post()
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        Func<HttpContext, Task<bool>> tokens = registry.Intercept!;
        string form = "";
        registry.Intercept = async http =>
        {
            if (http.Request.Method == "POST")
                form = await new StreamReader(http.Request.Body).ReadToEndAsync();
            return await tokens(http);
        };
        using RegistryClient client = new(registry.PlainOptions());
        await client.Open(registry.Image("team/app:1"), new RegistryCredentials { IdentityToken = "refresh-me" })
            .FetchManifestAsync(null, default);
        Assert.Contains("grant_type=refresh_token", form);
        Assert.Contains("refresh_token=refresh-me", form);
        Assert.Contains("service=fake", form);
    }

    [Fact]
    public async Task A_registry_token_is_sent_at_once_and_never_traded()
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        using RegistryClient client = new(registry.PlainOptions());
        await client.Open(registry.Image("team/app:1"), new RegistryCredentials { RegistryToken = Token }).FetchManifestAsync(null, default);
        Assert.Equal("Bearer " + Token, registry.Requests.Single().Authorization);

        ImageException e = await Assert.ThrowsAsync<ImageException>(() => client.Open(
            registry.Image("team/app:1"), new RegistryCredentials { RegistryToken = "wrong-token" }).FetchManifestAsync(null, default));
        Assert.Equal(ImageErrorKind.Unauthorized, e.Kind);
        Assert.DoesNotContain(registry.Requests, r => r.Path == "/token");
    }

    [Fact]
    public async Task A_basic_challenge_gets_user_and_password()
    {
        await using FakeRegistry registry = await StartWithBasicAsync();
        using RegistryClient client = new(registry.PlainOptions());
        RegistryRepository repository = client.Open(registry.Image("team/app:1"), Alice);
        await repository.FetchManifestAsync(null, default);
        Assert.Equal(_image.Layer, await repository.ReadBlobAsync(_image.LayerDescriptor));
    }

    [Fact]
    public async Task Wrong_and_missing_credentials_are_access_denied()
    {
        await using FakeRegistry registry = await StartWithBasicAsync();
        using RegistryClient client = new(registry.PlainOptions());
        foreach (RegistryCredentials? credentials in new[] { null, Alice with { Password = "a wrong guess" } })
        {
            ImageException e = await Assert.ThrowsAsync<ImageException>(
                () => client.Open(registry.Image("team/app:1"), credentials).FetchManifestAsync(null, default));
            Assert.Equal(ImageErrorKind.Unauthorized, e.Kind);
            Assert.StartsWith($"pull access denied for {registry.Host}/team/app:1: {registry.Host} answered 401", e.Message);
            Assert.Contains("needs credentials", e.Message);
            Assert.DoesNotContain("a wrong guess", e.ToString());
        }
        // One anonymous; one anonymous and one with the password: nothing is tried over and over.
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task A_secret_that_the_registry_echoes_does_not_reach_the_message()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = async http =>
        {
            string sent = http.Request.Headers.Authorization.ToString();
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
            await FakeRegistry.FailAsync(http, 401, "DENIED", $"no entry for correct horse with {sent}");
            return true;
        };
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), Alice).FetchManifestAsync(null, default));
        Assert.Contains("no entry for *** with Basic ***", e.Message);
    }

    [Fact]
    public async Task Credentials_for_another_server_are_not_sent()
    {
        await using FakeRegistry registry = await StartWithBasicAsync();
        using RegistryClient client = new(registry.PlainOptions());
        await Assert.ThrowsAsync<ImageException>(() => client.Open(
            registry.Image("team/app:1"), Alice with { ServerAddress = "https://other.example/v1/" }).FetchManifestAsync(null, default));
        Assert.All(registry.Requests, r => Assert.Equal("", r.Authorization));
        await client.Open(registry.Image("team/app:1"), Alice with { ServerAddress = $"https://{registry.Host}/v2/" })
            .FetchManifestAsync(null, default);
    }

    [Theory]
    [InlineData("Bearer service=\"x\"")]
    [InlineData("Bearer realm=\"file:///etc/passwd\"")]
    [InlineData("Bearer realm=\"/relative\"")]
    public async Task A_challenge_without_a_usable_realm_is_told(string challenge)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = http =>
        {
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate = challenge;
            return Task.FromResult(true);
        };
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), Alice).FetchManifestAsync(null, default));
        Assert.Contains("usable realm", e.Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"token\":\"a\\r\\nX-Evil: 1\"}")]
    [InlineData("{\"token\":5}")]
    public async Task An_answer_without_a_usable_token_is_told(string answer)
    {
        await using FakeRegistry registry = await StartWithTokensAsync();
        Func<HttpContext, Task<bool>> tokens = registry.Intercept!;
        registry.Intercept = async http =>
        {
            if (http.Request.Path != "/token")
                return await tokens(http);
            await http.Response.WriteAsync(answer);
            return true;
        };
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), Alice).FetchManifestAsync(null, default));
        Assert.Contains("no usable bearer token", e.Message);
    }

    private string _token = Token;

    private async Task<FakeRegistry> StartWithTokensAsync()
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(_image);
        registry.Intercept = async http =>
        {
            if (http.Request.Path == "/token")
            {
                string name = http.Request.Method == "POST" ? "access_token" : "token";
                await http.Response.WriteAsync($$"""{"{{name}}":"{{_token}}","expires_in":300}""");
                return true;
            }
            if (http.Request.Headers.Authorization == "Bearer " + _token)
                return false;
            http.Response.Headers.WWWAuthenticate =
                $"Bearer realm=\"http://{registry.Host}/token\",service=\"fake\",scope=\"repository:team/app:pull\"";
            await FakeRegistry.FailAsync(http, 401, "UNAUTHORIZED", "authentication required");
            return true;
        };
        return registry;
    }

    private async Task<FakeRegistry> StartWithBasicAsync()
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(_image);
        string right = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Alice.Username}:{Alice.Password}"));
        registry.Intercept = async http =>
        {
            if (http.Request.Headers.Authorization == right)
                return false;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"fake\"";
            await FakeRegistry.FailAsync(http, 401, "UNAUTHORIZED", "authentication required");
            return true;
        };
        return registry;
    }
}
