using System.Buffers;
using System.Text;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Specs;

public sealed class SurrogateEscapeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("706C61696E")]
    [InlineData("80")]
    [InlineData("41FF42")]
    [InlineData("C3A9E282AC")] // é€
    [InlineData("F09F9880")] // outside of the basic plane: a pair of surrogates in text
    [InlineData("F09F9880A0")]
    [InlineData("EDB280")] // U+DC80 as bytes, which is not UTF-8
    [InlineData("E282")]
    public void Bytes_come_out_as_they_went_in(string hexadecimal)
    {
        byte[] bytes = Convert.FromHexString(hexadecimal);
        Assert.Equal(bytes, Encode(SurrogateEscape.Decode(bytes)));
    }

    [Fact]
    public void Random_bytes_come_out_as_they_went_in()
    {
        Random random = new(20260901);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(12)];
            random.NextBytes(bytes);
            Assert.Equal(bytes, Encode(SurrogateEscape.Decode(bytes)));
        }
    }

    [Fact]
    public void A_byte_that_is_not_UTF_8_is_a_lone_surrogate() => Assert.Equal("A\uDCFFB", SurrogateEscape.Decode([0x41, 0xff, 0x42]));

    [Fact]
    public void A_pair_whose_second_half_is_in_the_range_stays_a_pair() => Assert.Equal("F09F9280", Convert.ToHexString(Encode("\uD83D\uDC80")));

    [Fact]
    public void A_surrogate_that_stands_for_no_byte_becomes_the_replacement_character() => Assert.Equal("\uFFFD", Encoding.UTF8.GetString(Encode("\uD800")));

    [Fact]
    public void Json_holds_text_but_no_escapes()
    {
        Assert.Null(SurrogateEscape.WithoutEscapes("\uD83D\uDC80 é"));
        Assert.Equal("a\uFFFD\uFFFDb\uD83D\uDC80", SurrogateEscape.WithoutEscapes("a\uDCFF\uDC80b\uD83D\uDC80"));
    }

    private static byte[] Encode(string text)
    {
        ArrayBufferWriter<byte> bytes = new();
        SurrogateEscape.Encode(text, bytes);
        return bytes.WrittenSpan.ToArray();
    }
}
