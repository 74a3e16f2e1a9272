using System.Buffers.Binary;
using CriRuntime.Nri.Multiplexing;
using CriRuntime.Nri.Ttrpc;

namespace CriRuntime.Nri.Tests.Multiplexing;

public sealed class MultiplexerTests
{
    [Theory]
    [InlineData(10, new[] { 10 })]
    [InlineData(4096, new[] { 4096 })]
    [InlineData(4097, new[] { 4096, 1 })]
    [InlineData(1_000_000, new[] { 4096, 995_904 })]
    public async Task Messages_are_cut_where_readers_in_Go_expect_it(int length, int[] payloads)
    {
        MemoryStream trunk = new();
        using Multiplexer multiplexer = new(trunk);
        await multiplexer.WriteAsync(2, new byte[length], CancellationToken.None);
        List<int> found = [];
        ReadOnlyMemory<byte> bytes = trunk.ToArray();
        while (bytes.Length > 0)
        {
            Assert.Equal(2u, BinaryPrimitives.ReadUInt32BigEndian(bytes.Span));
            found.Add(BinaryPrimitives.ReadInt32BigEndian(bytes.Span[4..]));
            bytes = bytes[(8 + found[^1])..];
        }

        Assert.Equal(payloads, found);
    }

    [Fact]
    public async Task Connections_do_not_mix_and_unknown_ones_are_skipped()
    {
        MemoryStream trunk = new();
        using Multiplexer writer = new(trunk);
        await writer.WriteAsync(1, Bytes(5, 'a'), CancellationToken.None);
        await writer.WriteAsync(7, Bytes(70_000, 'x'), CancellationToken.None);
        await writer.WriteAsync(2, Bytes(70_000, 'b'), CancellationToken.None);
        await writer.WriteAsync(1, Bytes(3, 'c'), CancellationToken.None);
        trunk.Position = 0;
        using Multiplexer reader = new(trunk);
        Sink one = new(), two = new();
        reader.Open(1, one);
        reader.Open(2, two);
        await reader.RunAsync(CancellationToken.None);
        Assert.Equal("aaaaaccc", one.Text);
        Assert.Equal(new string('b', 70_000), two.Text);
    }

    [Fact]
    public void Messages_come_together_from_pieces_of_any_size()
    {
        byte[] message = Message.Allocate(5, MessageType.Request, 9000);
        message.AsSpan(Message.HeaderSize).Fill(7);
        byte[] twice = [.. message, .. Message.Allocate(7, MessageType.Response, 0), .. message];
        foreach (int piece in (int[])[1, 3, 10, 4096, 100_000])
        {
            List<Message> received = [];
            MessageAssembler assembler = new(received.Add);
            for (int i = 0; i < twice.Length; i += piece)
                assembler.Receive(twice.AsSpan(i, Math.Min(piece, twice.Length - i)));
            Assert.Equal([(5u, MessageType.Request, 9000), (7u, MessageType.Response, 0), (5u, MessageType.Request, 9000)],
                received.Select(m => (m.StreamId, m.Type, m.Payload.Length)));
            Assert.True(received[2].Payload.Span.IndexOfAnyExcept((byte)7) < 0);
        }
    }

    private static byte[] Bytes(int length, char value) => [.. Enumerable.Repeat((byte)value, length)];

    private sealed class Sink : IByteSink
    {
        private readonly List<byte> _bytes = [];

        internal string Text => System.Text.Encoding.ASCII.GetString([.. _bytes]);

        public void Receive(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);
    }
}
