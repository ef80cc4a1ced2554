using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Tests.Http;

/// <summary>dicomweb.md items 1 to 14, 110, 149 to 151; attacks.md 42.</summary>
public sealed class NegotiationTests
{
    private const string Ele = "1.2.840.10008.1.2.1";
    private const string Jpeg = "1.2.840.10008.1.2.4.50";
    private const string Jls = "1.2.840.10008.1.2.4.80";
    private const string Htj2k = "1.2.840.10008.1.2.4.201";

    private static readonly MediaOffer[] Json = [new("application/dicom+json", false), new("application/dicom+xml", true)];

    // An instance in ELE.
    private static readonly MediaOffer[] Native =
    [
        new("application/dicom", true, Ele, SyntaxRoles.Stored | SyntaxRoles.Default),
        new("application/dicom", false, Ele, SyntaxRoles.Stored | SyntaxRoles.Default),
        new("application/zip", false),
    ];

    // An instance in baseline JPEG that cannot be decoded here.
    private static readonly MediaOffer[] Compressed =
    [
        new("application/dicom", true, Jpeg, SyntaxRoles.Stored), new("application/dicom", false, Jpeg, SyntaxRoles.Stored),
    ];

    // One frame, JPEG-LS or HTJ2K, alone or in multipart.
    private static readonly MediaOffer[] Frame =
    [
        new("application/octet-stream", true, Jls, SyntaxRoles.Stored), new("application/octet-stream", false, Jls, SyntaxRoles.Stored),
        new("image/jls", true, Jls, SyntaxRoles.Stored | SyntaxRoles.Default), new("image/jls", false, Jls, SyntaxRoles.Stored | SyntaxRoles.Default),
        new("image/jphc", false, Htj2k),
    ];

    [Theory]
    [InlineData("", 0)]
    [InlineData("*/*", 0)]
    [InlineData("application/json", 0)]
    [InlineData("APPLICATION/DICOM+JSON", 0)]
    [InlineData("application/*", 0)]
    [InlineData("text/html, */*;q=0.1", 0)]
    [InlineData("application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*", 0)]
    [InlineData("multipart/related; type=\"application/dicom+xml\"", 1)]
    [InlineData("multipart/*", 1)]
    [InlineData("application/dicom+json;q=0, */*", 1)]
    [InlineData("application/dicom+json;q=0.4, multipart/related;type=application/dicom+xml;q=0.5", 1)]
    [InlineData("multipart/related;type=application/dicom+xml, application/dicom+json", 1)]
    [InlineData("text/html", -1)]
    [InlineData("application/dicom+xml", -1)]
    [InlineData("*/*;q=0", -1)]
    [InlineData("application/dicom+json;q=0", -1)]
    public void Choose_ForJson_GivesTheOffer(string accept, int expected) => AssertChosen(Json, accept, "", expected);

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"", 0)]
    [InlineData("multipart/related; type=application/dicom", 0)]
    [InlineData("multipart/related; type = \"application/dicom\"", 0)]
    [InlineData("multipart/related ; type= application/dicom ;", 0)]
    [InlineData("multipart/related; type='application/dicom'", 0)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", 0)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=\"1.2.840.10008.1.2.1\"", 0)]
    [InlineData("multipart/related", 0)]
    [InlineData("application/dicom", 1)]
    [InlineData("application/dicom; transfer-syntax=*", 1)]
    [InlineData("application/zip, */*;q=0.5", 2)]
    [InlineData("multipart/related; type=\"  application/dicom\"", -1)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90", -1)]
    [InlineData("multipart/mixed; type=application/dicom", -1)]
    public void Choose_ForNativeInstance_GivesTheOffer(string accept, int expected) => AssertChosen(Native, accept, "", expected);

    [Theory]
    [InlineData("", 0)]
    [InlineData("*/*", 0)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=*", 0)]
    [InlineData("application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50", 1)]
    [InlineData("application/dicom", -1)]
    [InlineData("multipart/related; type=application/dicom", -1)]
    [InlineData("multipart/related; type=application/dicom, multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50;q=0.1", 0)]
    public void Choose_ForCompressedInstance_NeedsItsTransferSyntax(string accept, int expected) => AssertChosen(Compressed, accept, "", expected);

    [Theory]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=*", 0)]
    [InlineData("multipart/related; type=application/octet-stream", -1)]
    [InlineData("image/jls", 3)]
    [InlineData("image/x-jls", 3)]
    [InlineData("image/*", 3)]
    [InlineData("multipart/related; type=image/x-jls", 2)]
    [InlineData("multipart/related; type=\"image/*\"", 2)]
    [InlineData("image/jph; transfer-syntax=1.2.840.10008.1.2.4.201", 4)]
    [InlineData("image/j2c; transfer-syntax=1.2.840.10008.1.2.4.201", 4)]
    [InlineData("image/jls;q=0.5, multipart/related; type=application/octet-stream; transfer-syntax=*;q=0.9", 0)]
    public void Choose_ForFrame_GivesTheOffer(string accept, int expected) => AssertChosen(Frame, accept, "", expected);

    [Theory]
    [InlineData("text/html, */*", "application/zip", 2)]
    [InlineData("application/zip", "application/dicom", 1)]
    [InlineData("application/zip", "image/png", 2)]
    [InlineData("", "image/png", -1)]
    public void Choose_WithQueryParameter_PutsItFirst(string header, string query, int expected) => AssertChosen(Native, header, query, expected);

    [Theory]
    [InlineData("application/dicom;q=NaN")]
    [InlineData("application/dicom;q=-1")]
    [InlineData("application/dicom;q=1.1")]
    [InlineData("application/dicom;q=1e0")]
    [InlineData("application/dicom;q=")]
    [InlineData("application/dicom;q=Infinity")]
    [InlineData("application")]
    [InlineData("application/")]
    [InlineData("a/b/c")]
    [InlineData("a b/c")]
    [InlineData("multipart/related; type=\"application/dicom")]
    [InlineData("multipart/related; type=\"a\"b")]
    [InlineData("multipart/related; type")]
    [InlineData("multipart/related; =x")]
    public void TryRead_Garbage_Fails(string accept) => Assert.False(Accept.TryRead(accept, "", out _));

    [Theory]
    [InlineData("?accept=application/dicom+json")]
    [InlineData("?x=1&accept=application%2Fdicom%2Bjson&accept=a/b")]
    public void TryRead_QueryParameter_KeepsThePlus(string query)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        request.Headers.Accept = new StringValues(["text/html;q=0.5", "image/png"]);
        Assert.True(Accept.TryRead(request, out var accepted));
        Assert.Equal("application/dicom+json", accepted[0].Type);
        Assert.Equal(["text/html", "image/png"], accepted.Where(a => !a.FromQuery).Select(a => a.Type));
    }

    [Fact]
    public void TryRead_TooLongOrTooMany_Fails()
    {
        Assert.True(Accept.TryRead(string.Join(',', Enumerable.Repeat("a/b", 100)), "", out _));
        Assert.False(Accept.TryRead(string.Join(',', Enumerable.Repeat("a/b", 101)), "", out _));
        Assert.False(Accept.TryRead("a/b;x=" + new string('y', 16 * 1024), "", out _));
    }

    [Fact]
    public void TryRead_ListWithParameters_KeepsThem()
    {
        Assert.True(Accept.TryRead(" , a/b ;x=\"1,\\\"2\" ; Q=0.5,,image/j2c; transfer-syntax='*'", "", out var accepted));
        Assert.Equal(["a/b", "image/jphc"], accepted.Select(a => a.Type));
        Assert.Equal([0.5, 1], accepted.Select(a => a.Q));
        Assert.Equal("1,\"2", accepted[0].Parameters[0].Value);
        Assert.Equal("*", accepted[1].TransferSyntax);
    }

    [Fact]
    public void Offers_AsText_NameWhatAClientWouldAsk() => Assert.Equal(
        "multipart/related; type=\"application/dicom\"; transfer-syntax=*, application/dicom; transfer-syntax=*, application/zip",
        string.Join(", ", Native.AsEnumerable()));

    private static void AssertChosen(MediaOffer[] offers, string header, string query, int expected)
    {
        Assert.True(Accept.TryRead(header, query, out var accepted));
        Assert.Equal(expected < 0 ? null : offers[expected], Negotiator.Choose(accepted, offers));
    }
}
