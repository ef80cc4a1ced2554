using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado;

public sealed class WadoUriTests
{
    private const string Instance = $"wado?requestType=WADO&studyUID={Files.Study}&seriesUID={Files.Series}&objectUID=1.1";
    private const string Jpeg = "1.2.840.10008.1.2.4.70";

    [Theory]
    [Trait("dicomweb", "119")]
    [InlineData(Instance + "&contentType=application/dicom", 200)]
    [InlineData(Instance + "&contentType=application%2Fdicom&transferSyntax=*", 200)]
    [InlineData(Instance + "&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.1", 200)]
    [InlineData(Instance + "&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.4.81", 406)]
    [InlineData(Instance + "&contentType=application/dicom&transferSyntax=x", 400)]
    [InlineData(Instance + "&contentType=application/dicom&anonymize=yes", 400)]
    [InlineData(Instance + "&contentType=application/dicom&objectUID=1.2", 400)]
    [InlineData("wado?studyUID=1.2&seriesUID=1.2&objectUID=1.1&contentType=application/dicom", 400)]
    [InlineData("wado?requestType=WADO&studyUID=1.2&contentType=application/dicom", 400)]
    [InlineData("wado?requestType=WADO&studyUID=1.2&seriesUID=1.2&objectUID=../x&contentType=application/dicom", 400)]
    [InlineData("wado?requestType=WADO&studyUID=1.2&seriesUID=1.2&objectUID=1.1&contentType=application/dicom", 404)]
    public async Task Query_NamesAnInstance(string query, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var response = await server.GetAsync(query, ("Accept", "text/html"));
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 200)
        {
            Assert.Equal("application/dicom", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(Files.Ct("1.1"), await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    [Trait("dicomweb", "119")]
    public async Task Encoding_NotNamed_IsPlainWhereItCanBeAndStoredElse()
    {
        await using var server = await WireServer.BorrowAsync();
        var compressed = Files.Encapsulated(Files.Spec("1.1"), Jpeg, [], [Files.Pattern(100, 1)]);
        await server.StoreAsync(compressed, Instances.File(Files.Spec("1.2") with { Syntax = TransferSyntax.ExplicitVrBigEndian }));
        Assert.Equal(compressed, await server.BytesAsync($"{Instance}&contentType=application/dicom"));
        Assert.Equal(Instances.File(Files.Spec("1.2")), await server.BytesAsync($"{Instance.Replace("objectUID=1.1", "objectUID=1.2", StringComparison.Ordinal)}&contentType=application/dicom"));
        using var named = await server.GetAsync($"{Instance}&contentType=application/dicom&transferSyntax={TransferSyntax.ExplicitVrLittleEndian.Uid}");
        Assert.Equal(HttpStatusCode.NotAcceptable, named.StatusCode); // what is stored there is no JPEG
    }
}
