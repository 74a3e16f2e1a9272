using System.Diagnostics;
using System.Text;
using CriRuntime.Streaming.WebSockets;

namespace CriRuntime.Streaming.Tests.WebSockets;

/// <summary>Random messages, cut at random, for a bounded time.</summary>
public sealed class ChannelFuzzTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_demultiplexer_takes_any_messages_or_refuses_them(bool base64)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        long before = GC.GetTotalMemory(true);
        int refused = 0;
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(1);)
        {
            ChannelDemultiplexer demultiplexer = new(base64 ? ChannelCodec.Base64 : ChannelCodec.Binary, closeSignals: !base64, new Sink());
            try
            {
                for (int n = 0; n < 20; n++)
                    Feed(demultiplexer, random, Message(random, base64));
            }
            catch (ChannelProtocolException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0, $"Seed {seed}.");
        Assert.True(GC.GetTotalMemory(true) - before < 4_000_000, $"Memory grows, seed {seed}.");
    }

    [Fact]
    public void Base64_cut_anywhere_comes_out_whole()
    {
        Random random = new(1);
        for (int n = 0; n < 2000; n++)
        {
            byte[] payload = new byte[random.Next(100)];
            random.NextBytes(payload);
            Sink sink = new();
            Feed(new ChannelDemultiplexer(ChannelCodec.Base64, false, sink), random, Encoding.ASCII.GetBytes("2" + Convert.ToBase64String(payload)));
            Assert.Equal(payload, sink.Bytes.ToArray());
        }
    }

    private static byte[] Message(Random random, bool base64)
    {
        byte[] payload = new byte[random.Next(60)];
        random.NextBytes(payload);
        byte[] message = base64
            ? Encoding.ASCII.GetBytes($"{random.Next(10)}{Convert.ToBase64String(payload)}")
            : [(byte)(random.Next(3) == 0 ? 255 : random.Next(6)), .. random.Next(2) == 0 ? payload : payload.Take(1)];
        if (random.Next(10) == 0)
            message[random.Next(message.Length)] = (byte)random.Next(256);
        return message;
    }

    private static void Feed(ChannelDemultiplexer demultiplexer, Random random, byte[] message)
    {
        int at = 0;
        do
        {
            int count = Math.Min(random.Next(0, 20), message.Length - at);
            demultiplexer.Add(message.AsSpan(at, count), at + count == message.Length);
            at += count;
        }
        while (at < message.Length);
    }

    private sealed class Sink : IChannelReceiver
    {
        internal MemoryStream Bytes { get; } = new();

        public void OnData(int channel, ReadOnlySpan<byte> bytes)
        {
            Assert.InRange(channel, 0, 255);
            Bytes.Write(bytes);
        }

        public void OnClose(int channel) => Assert.InRange(channel, 0, 255);
    }
}
