using System.Buffers.Binary;
using System.Diagnostics;
using CriRuntime.Linux;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Tests.Spdy;

/// <summary>Random and mutated frames for a bounded time, against the parser alone and against a server.</summary>
public sealed class SpdyFuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(2);

    [Fact]
    public void The_parser_takes_any_bytes_or_refuses_them()
    {
        (int seed, Random random) = Seeded();
        Stopwatch clock = Stopwatch.StartNew();
        long before = GC.GetTotalMemory(true);
        int refused = 0;
        while (clock.Elapsed < s_time)
        {
            FrameParser parser = new(new Nowhere());
            byte[] bytes = Frames(random);
            try
            {
                int pending = 0;
                for (int end = 0; end < bytes.Length;)
                {
                    end = Math.Min(bytes.Length, end + random.Next(1, 200));
                    int used = parser.Consume(bytes.AsSpan(pending, end - pending));
                    Assert.InRange(used, 0, end - pending);
                    pending += used;
                    Assert.True(end - pending < FrameParser.HeaderSize + FrameParser.MaximumControlLength, $"No progress, seed {seed}.");
                }
            }
            catch (SpdyProtocolException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0, $"Seed {seed}.");
        Assert.True(GC.GetTotalMemory(true) - before < 4_000_000, $"Memory grows, seed {seed}.");
    }

    [Fact]
    public async Task A_server_survives_any_bytes_and_keeps_nothing_open()
    {
        (int seed, Random random) = Seeded();
        await using StreamingServer server = await StreamingServer.ForPortsAsync(
            (_, _) => throw new IOException("refused"), new StreamingOptions { LingerTimeout = TimeSpan.FromMilliseconds(20) });
        int sockets = OpenSockets();
        Stopwatch clock = Stopwatch.StartNew();
        int connections = 0;
        while (clock.Elapsed < s_time)
        {
            using UpgradeResponse response = await UpgradeDialer.DialAsync(
                server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "portforward.k8s.io")], TestContext.Current.CancellationToken);
            Assert.Equal(101, response.Status);
            try
            {
                await response.Socket.SendAsync(Frames(random));
            }
            catch (System.Net.Sockets.SocketException)
            {
                // The server has hung up on us already.
            }

            connections++;
        }

        await server.IdleAsync();
        Assert.True(connections > 10, $"Seed {seed}.");
        for (int i = 0; OpenSockets() > sockets; i++)
        {
            Assert.True(i < 500, $"{OpenSockets() - sockets} sockets of {connections} connections stay open, seed {seed}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_header_block_that_inflates_beyond_the_limit_is_refused()
    {
        using HeaderDecoder decoder = new(32 * 1024);
        using DictionaryDeflater deflater = new(HeaderDictionary.Bytes);
        byte[] bomb = new byte[10_000_000];
        byte[] packed = new byte[DictionaryDeflater.MaximumOutput(bomb.Length)];
        int length = deflater.Deflate(bomb, packed);
        Assert.True(length < FrameParser.MaximumControlLength * 3);
        Assert.Throws<SpdyProtocolException>(() => decoder.Decode(packed.AsSpan(0, Math.Min(length, FrameParser.MaximumControlLength))));
    }

    [Fact]
    public void Header_blocks_of_one_connection_share_their_context()
    {
        using HeaderDecoder decoder = new(32 * 1024);
        using DictionaryDeflater deflater = new(HeaderDictionary.Bytes);
        byte[] packed = new byte[1000];
        for (int i = 0; i < 100; i++)
        {
            int length = deflater.Deflate(SpdyHeaders.Write(new Dictionary<string, string> { ["streamtype"] = "data", ["port"] = "80", ["requestid"] = $"{i}" }), packed);
            Assert.Equal($"{i}", decoder.Decode(packed.AsSpan(0, length))["RequestID"]);
        }
    }

    /// <summary>Sockets only: the runtime opens the files of assemblies whenever it first needs them.</summary>
    private static int OpenSockets() =>
        Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private static byte[] Frames(Random random)
    {
        using MemoryStream bytes = new();
        using DictionaryDeflater deflater = new(HeaderDictionary.Bytes);
        byte[] packed = new byte[2000];
        byte[] header = new byte[8];
        for (int n = random.Next(1, 30); n > 0; n--)
        {
            bool control = random.Next(3) > 0;
            int type = random.Next(0, 11);
            byte[] payload = new byte[control && type is not 1 and not 2 and not 8 ? random.Next(4) == 0 ? random.Next(40) : 8 : random.Next(300)];
            random.NextBytes(payload);
            uint stream = (uint)(random.Next(4) == 0 ? random.Next() : (2 * random.Next(8)) + 1);
            if (control && payload.Length >= 4)
                BinaryPrimitives.WriteUInt32BigEndian(payload, stream);
            if (control && type == 1 && random.Next(4) > 0)
            {
                int length = deflater.Deflate(SpdyHeaders.Write(new Dictionary<string, string> { ["streamtype"] = random.Next(2) == 0 ? "data" : "error", ["port"] = "80", ["requestid"] = $"{random.Next(4)}" }), packed);
                payload = [.. payload.AsSpan(0, 0), 0, 0, (byte)random.Next(2), (byte)random.Next(40), 0, 0, 0, 0, 0, 0, .. packed.AsSpan(0, length)];
            }

            BinaryPrimitives.WriteUInt32BigEndian(header, control ? 0x8003_0000u | (uint)type : stream);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), ((uint)random.Next(4) << 24) | (uint)(random.Next(50) == 0 ? random.Next(1 << 24) : payload.Length));
            bytes.Write(header);
            bytes.Write(payload);
        }

        byte[] all = bytes.ToArray();
        for (int n = random.Next(3); n > 0; n--)
            all[random.Next(all.Length)] = (byte)random.Next(256);
        return all;
    }

    private (int Seed, Random Random) Seeded()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return (seed, new Random(seed));
    }

    private sealed class Nowhere : IFrameReceiver
    {
        public void OnData(uint streamId, ReadOnlySpan<byte> payload, bool fin)
        {
        }

        public void OnSynStream(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
        {
        }

        public void OnSynReply(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
        {
        }

        public void OnHeaders(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
        {
        }

        public void OnRstStream(uint streamId, ResetStatus status)
        {
        }

        public void OnInitialWindow(int initialWindow) => Assert.True(initialWindow >= 0);

        public void OnPing(uint id)
        {
        }

        public void OnGoAway(uint lastGoodStreamId)
        {
        }

        public void OnWindowUpdate(uint streamId, int delta) => Assert.True(delta >= 0);
    }
}
