using CriRuntime.Images.References;

namespace CriRuntime.Images.Tests.References;

public sealed class ReferenceTests
{
    private const string Sha = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("busybox", "docker.io/library/busybox:latest", "busybox:latest")]
    [InlineData("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36")]
    [InlineData("team/app", "docker.io/team/app:latest", "team/app:latest")]
    [InlineData("docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest")]
    [InlineData("index.docker.io/team/app:1", "docker.io/team/app:1", "team/app:1")]
    [InlineData("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest")]
    [InlineData("localhost/app", "localhost/app:latest", "localhost/app:latest")]
    [InlineData("localhost:5000/app:2", "localhost:5000/app:2", "localhost:5000/app:2")]
    [InlineData("quay.io/a/b_c__d-e--f.g", "quay.io/a/b_c__d-e--f.g:latest", "quay.io/a/b_c__d-e--f.g:latest")]
    [InlineData("REG/app", "REG/app:latest", "REG/app:latest")]
    [InlineData("[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app:latest", "[2001:db8::1]:5000/app:latest")]
    [InlineData("registry:5000/app", "registry:5000/app:latest", "registry:5000/app:latest")]
    [InlineData("busybox@" + Sha, "docker.io/library/busybox@" + Sha, "busybox@" + Sha)]
    [InlineData("busybox:1@" + Sha, "docker.io/library/busybox:1@" + Sha, "busybox:1@" + Sha)]
    [InlineData("a:_", "docker.io/library/a:_", "a:_")]
    public void A_name_gets_the_defaults_that_docker_gives_it(string text, string normalised, string familiar)
    {
        Reference reference = Reference.Parse(text);
        Assert.Equal(normalised, reference.ToString());
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, Reference.Parse(reference.ToString()));
        Assert.Equal(reference, Reference.Parse(reference.Familiar));
    }

    [Fact]
    public void A_name_by_digest_has_no_tag_unless_it_names_one()
    {
        Assert.Null(Reference.Parse("busybox@" + Sha).Tag);
        Assert.Null(Reference.Parse("busybox@" + Sha).RepoTag);
        Reference both = Reference.Parse("busybox:1@" + Sha);
        Assert.Equal("docker.io/library/busybox:1", both.RepoTag);
        Assert.Equal("docker.io/library/busybox@" + Sha, both.RepoDigest(both.Digest!));
        Assert.Equal("docker.io/library/busybox@" + Sha, both.ByDigest(both.Digest!).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("/")]
    [InlineData("//a")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("Busybox")]
    [InlineData("docker.io/Team/app")]
    [InlineData("a:")]
    [InlineData("a@")]
    [InlineData("a:b:c")]
    [InlineData("a:-x")]
    [InlineData("a:b/c")]
    [InlineData("a..b")]
    [InlineData("a___b")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a b")]
    [InlineData("../../etc/passwd")]
    [InlineData("quay.io/../x")]
    [InlineData("quay.io:/x")]
    [InlineData("quay.io:0/x")]
    [InlineData("quay.io:70000/x")]
    [InlineData("quay.io:5000:1/x")]
    [InlineData("-quay.io/x")]
    [InlineData("quay..io/x")]
    [InlineData("user@quay.io/x")]
    [InlineData("http://quay.io/x")]
    [InlineData("[::1/x")]
    [InlineData("[::g]/x")]
    [InlineData("a@sha256:abc")]
    [InlineData("a@md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("a@sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("a\n")]
    [InlineData("a\0b")]
    [InlineData("аpple")]
    public void What_is_no_reference_is_refused_by_name(string text)
    {
        ImageException e = Assert.Throws<ImageException>(() => Reference.Parse(text));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
        Assert.StartsWith("invalid image reference \"", e.Message);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public void Upper_case_is_refused_with_the_reason()
    {
        ImageException e = Assert.Throws<ImageException>(() => Reference.Parse("quay.io/App"));
        Assert.Contains("\"quay.io/App\"", e.Message);
        Assert.Contains("lower-case", e.Message);
    }

    [Fact]
    public void A_name_may_have_255_characters_and_a_tag_128()
    {
        string longest = "quay.io/" + new string('a', 247);
        Assert.Equal(255, Reference.Parse(longest).Name.Length);
        Assert.False(Reference.TryParse(longest + "a", out _));
        Assert.True(Reference.TryParse("a:" + new string('t', 128), out _));
        Assert.False(Reference.TryParse("a:" + new string('t', 129), out _));
    }

    [Fact]
    public void A_huge_text_is_cut_in_the_message()
    {
        ImageException e = Assert.Throws<ImageException>(() => Reference.Parse(new string('x', 5_000_000)));
        Assert.True(e.Message.Length < 400);
        Assert.Contains("5000000 characters", e.Message);
    }

    [Fact]
    public void Random_text_is_parsed_to_something_stable_or_refused()
    {
        const string alphabet = "abz09AZ.:/@_-[]%\\ \t\u00e9\ud83d\ude00sha256:";
        Random random = new(20240817);
        for (int round = 0; round < 200_000; round++)
        {
            string text = string.Create(random.Next(0, 40), random, static (span, r) =>
            {
                for (int i = 0; i < span.Length; i++)
                    span[i] = alphabet[r.Next(alphabet.Length)];
            });
            if (Reference.TryParse(text, out Reference? reference, out string? error))
                Assert.Equal(reference, Reference.Parse(reference.ToString()));
            else
                Assert.NotEmpty(error);
        }
    }
}
