using System.Text;
using CriRuntime.Conmon.Logs;

namespace CriRuntime.Conmon.Tests.Logs;

public sealed class CriLogFormatTests
{
    private const string Time = "2024-02-29T12:34:56.123456789Z";

    [Theory]
    [InlineData("hello\n", "hello")]
    [InlineData("\n", "")]
    [InlineData("carriage\r\n", "carriage\r")]
    [InlineData("nul\0inside\n", "nul\0inside")]
    [InlineData("  spaces kept  \n", "  spaces kept  ")]
    public void A_line_becomes_one_full_entry_with_its_bytes_unchanged(string line, string content) =>
        Assert.Equal($"{Time} stdout F {content}\n", Encode(Encoding.UTF8.GetBytes(line)).Text);

    [Fact]
    public void Stderr_is_named_in_its_entries()
    {
        (string text, _) = Encode("oops\n"u8.ToArray(), LogStream.Stderr);
        Assert.Equal($"{Time} stderr F oops\n", text);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_pass_unchanged()
    {
        byte[] input = [0xff, 0xfe, 0x80, (byte)'\n'];
        byte[] output = new byte[CriLogFormat.MaxEntry];
        CriLogFormat.Encode(input, Prefix(LogStream.Stdout), output, out int written);
        Assert.Equal(new byte[] { 0xff, 0xfe, 0x80, (byte)'\n' }, output[(written - 4)..written]);
    }

    [Fact]
    public void The_beginning_of_a_line_waits_for_its_end()
    {
        (string text, int consumed) = Encode("one\ntwo\nthr"u8.ToArray());
        Assert.Equal($"{Time} stdout F one\n{Time} stdout F two\n", text);
        Assert.Equal(8, consumed);
    }

    [Fact]
    public void What_ends_without_a_newline_is_a_partial_entry()
    {
        byte[] output = new byte[CriLogFormat.MaxEntry];
        int length = CriLogFormat.EncodeLast("prompt> "u8, Prefix(LogStream.Stdout), output);
        Assert.Equal($"{Time} stdout P prompt> \n", Encoding.UTF8.GetString(output, 0, length));
    }

    [Theory]
    [InlineData(CriLogFormat.MaxContent, "F")]
    [InlineData(CriLogFormat.MaxContent + 1, "PF")]
    [InlineData(2 * CriLogFormat.MaxContent, "PF")]
    [InlineData((2 * CriLogFormat.MaxContent) + 1, "PPF")]
    public void A_long_line_is_split_into_partial_entries_up_to_the_full_one(int length, string tags)
    {
        string line = new('x', length);
        (string text, int consumed) = Encode(Encoding.ASCII.GetBytes(line + "\n"));
        string[] entries = text.TrimEnd('\n').Split('\n');
        Assert.Equal(length + 1, consumed);
        Assert.Equal(tags, string.Concat(entries.Select(entry => entry.Split(' ')[2])));
        Assert.Equal(line, string.Concat(entries.Select(entry => entry.Split(' ', 4)[3])));
    }

    [Fact]
    public void A_full_buffer_without_a_newline_yet_is_kept_because_the_newline_may_be_the_next_byte()
    {
        (string text, int consumed) = Encode(new byte[CriLogFormat.MaxContent]);
        Assert.Equal("", text);
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void Entries_that_do_not_fit_the_output_are_left_for_the_next_call()
    {
        byte[] input = Encoding.ASCII.GetBytes("first\nsecond\n");
        byte[] output = new byte[CriLogFormat.PrefixLength + 6];
        int consumed = CriLogFormat.Encode(input, Prefix(LogStream.Stdout), output, out int written);
        Assert.Equal(6, consumed);
        Assert.Equal($"{Time} stdout F first\n", Encoding.ASCII.GetString(output, 0, written));
    }

    [Fact]
    public void Random_output_cut_at_random_places_comes_out_whole_and_in_order()
    {
        Random random = new(20241122);
        for (int round = 0; round < 200; round++)
        {
            byte[] input = new byte[random.Next(60_000)];
            random.NextBytes(input);
            for (int i = 0; i < input.Length / 50; i++)
                input[random.Next(input.Length)] = (byte)'\n';
            Assert.Equal(input, Decode(EncodeInPieces(input, random)));
        }
    }

    private static List<byte> EncodeInPieces(byte[] input, Random random)
    {
        List<byte> log = [];
        byte[] output = new byte[CriLogFormat.MaxEntry + 5000];
        int start = 0;
        int end = 0;
        while (end < input.Length)
        {
            end = Math.Min(input.Length, end + random.Next(1, 30_000));
            while (true)
            {
                start += CriLogFormat.Encode(input.AsSpan(start, end - start), Prefix(LogStream.Stdout), output, out int written);
                if (written == 0)
                    break;
                log.AddRange(output.AsSpan(0, written));
            }

            Assert.True(end - start <= CriLogFormat.MaxContent);
        }

        if (start < end)
            log.AddRange(output.AsSpan(0, CriLogFormat.EncodeLast(input.AsSpan(start), Prefix(LogStream.Stdout), output)));
        return log;
    }

    private static byte[] Decode(List<byte> log)
    {
        List<byte> content = [];
        ReadOnlySpan<byte> rest = log.ToArray();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            content.AddRange(rest[CriLogFormat.PrefixLength..end]);
            if (rest[CriLogFormat.PrefixLength - 2] == 'F')
                content.Add((byte)'\n');
            rest = rest[(end + 1)..];
        }

        return [.. content];
    }

    private static (string Text, int Consumed) Encode(byte[] input, LogStream stream = LogStream.Stdout)
    {
        byte[] output = new byte[256 * 1024];
        int consumed = CriLogFormat.Encode(input, Prefix(stream), output, out int written);
        return (Encoding.UTF8.GetString(output, 0, written), consumed);
    }

    private static byte[] Prefix(LogStream stream)
    {
        byte[] prefix = new byte[CriLogFormat.PrefixLength];
        CriLogFormat.WritePrefix(prefix, Encoding.ASCII.GetBytes(Time), stream);
        return prefix;
    }
}
