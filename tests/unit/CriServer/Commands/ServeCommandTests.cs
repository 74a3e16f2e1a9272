using CriRuntime.CriServer.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CriRuntime.CriServer.Tests.Commands;

public sealed class ServeCommandTests
{
    // The host hears of a signal by itself; the command's own token may follow later, or not at all.
    [Fact]
    public async Task A_server_that_is_stopped_while_it_starts_ends_without_an_error()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.sock")));
        builder.Services.AddHostedService<StopAtStart>();
        await using WebApplication server = builder.Build();
        CancellationToken stopping = server.Lifetime.ApplicationStopping;

        await ServeCommand.RunAsync(server, CancellationToken.None);

        Assert.True(stopping.IsCancellationRequested);
    }

    [Fact]
    public async Task What_gives_up_by_itself_is_an_error()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddHostedService<GiveUpAtStart>();
        await using WebApplication server = builder.Build();

        await Assert.ThrowsAsync<OperationCanceledException>(() => ServeCommand.RunAsync(server, CancellationToken.None));
    }

    private sealed class StopAtStart(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class GiveUpAtStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new OperationCanceledException();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
