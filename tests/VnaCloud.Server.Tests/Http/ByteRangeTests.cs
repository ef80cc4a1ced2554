using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Tests.Http;

/// <summary>dicomweb.md 117, 142; attacks.md 43.</summary>
public sealed class ByteRangeTests
{
    private static readonly EntityTagHeaderValue Tag = new("\"v1\"");

    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=90-", 90, 10)]
    [InlineData("bytes=-5", 95, 5)]
    [InlineData("bytes=-500", 0, 100)]
    [InlineData("BYTES= 99-99 ", 99, 1)]
    [InlineData("bytes=10-9223372036854775807", 10, 90)]
    [InlineData("bytes=10-99999999999999999999999999", 10, 90)]
    [InlineData("bytes=-99999999999999999999999999", 0, 100)]
    public void Read_SatisfiableRange_GivesIt(string header, long offset, long length) =>
        Assert.Equal(new RangeAnswer(RangeOutcome.Partial, new ByteRange(offset, length)), Read(header));

    [Theory]
    [InlineData("bytes=-0")]
    [InlineData("bytes=100-")]
    [InlineData("bytes=100-200")]
    [InlineData("bytes=99999999999999999999999999-")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=,")]
    public void Read_UnsatisfiableOrSeveral_Is416(string header) => Assert.Equal(RangeAnswer.Unsatisfiable, Read(header));

    [Theory]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=-")]
    [InlineData("bytes=")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=--1")]
    [InlineData("items=0-1")]
    public void Read_MalformedOrOtherUnit_IsIgnored(string header) => Assert.Equal(RangeAnswer.Whole, Read(header));

    [Fact]
    public void Read_OfNothing_IsUnsatisfiable()
    {
        Assert.Equal(RangeAnswer.Unsatisfiable, Read("bytes=0-", total: 0));
        Assert.Equal(RangeAnswer.Unsatisfiable, Read("bytes=-1", total: 0));
    }

    [Theory]
    [InlineData("\"v1\"", true)]
    [InlineData("\"v2\"", false)]
    [InlineData("W/\"v1\"", false)]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT", false)]
    public void Read_WithIfRange_NeedsTheSameStrongTag(string ifRange, bool partial) =>
        Assert.Equal(partial ? RangeOutcome.Partial : RangeOutcome.Whole, Read("bytes=0-1", ifRange: ifRange).Outcome);

    [Fact]
    public void Read_ForHead_IsIgnored() => Assert.Equal(RangeAnswer.Whole, Read("bytes=0-1", method: "HEAD"));

    [Fact]
    public void Apply_SetsStatusAndHeaders()
    {
        var response = new DefaultHttpContext().Response;
        Assert.Equal(new ByteRange(2, 3), Read("bytes=2-4").Apply(response, 100));
        Assert.Equal((206, "bytes 2-4/100", 3L), (response.StatusCode, response.Headers.ContentRange.ToString(), response.ContentLength!.Value));

        response = new DefaultHttpContext().Response;
        Assert.Null(Read("bytes=100-").Apply(response, 100));
        Assert.Equal((416, "bytes */100"), (response.StatusCode, response.Headers.ContentRange.ToString()));

        response = new DefaultHttpContext().Response;
        Assert.Equal(new ByteRange(0, 100), RangeAnswer.Whole.Apply(response, 100));
        Assert.Equal((200, "bytes", 100L), (response.StatusCode, response.Headers.AcceptRanges.ToString(), response.ContentLength!.Value));
    }

    [Theory]
    [InlineData("\"v1\"", true)]
    [InlineData("W/\"v1\"", true)]
    [InlineData("\"v0\", \"v1\"", true)]
    [InlineData("*", true)]
    [InlineData("\"v2\"", false)]
    [InlineData("v1", false)]
    [InlineData("", false)]
    public void IsNotModified_ComparesWeakly(string header, bool expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.IfNoneMatch = header;
        Assert.Equal(expected, Conditional.IsNotModified(request, Tag));
    }

    private static RangeAnswer Read(string header, long total = 100, string ifRange = "", string method = "GET")
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.Headers.Range = header;
        request.Headers.IfRange = ifRange;
        return ByteRange.Read(request, total, Tag);
    }
}
