using System.Net.Http.Headers;
using VnaCloud.Dicom;
using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>PS3.10 files as peers write and archives take them.</summary>
internal static class Files
{
    /// <summary>The bytes after group 0002.</summary>
    public static byte[] DataSetBytes(byte[] file) => file[(144 + BitConverter.ToInt32(file, 140))..];

    /// <summary>The data set, and its transfer syntax.</summary>
    public static async Task<(DicomDataSet DataSet, string Syntax)> ReadAsync(byte[] file)
    {
        using var source = new StreamSource(new MemoryStream(file));
        await using var reader = new DicomReader(source);
        await reader.ReadFileMetaAsync(default);
        await reader.ReadDataSetAsync(default);
        return (reader.DataSet, reader.TransferSyntax.Uid);
    }

    /// <summary>What a data set says, whatever its encoding: each element in a line.</summary>
    public static async Task<IReadOnlyList<string>> SaysAsync(byte[] file)
    {
        var (dataSet, _) = await ReadAsync(file);
        return [.. dataSet.Where(element => !element.Tag.IsGroupLength).Select(element => $"{element.Tag} {Convert.ToHexString(element.Value.Span)}")];
    }

    /// <summary>Puts files into the archive of a site by one STOW-RS request.</summary>
    public static async Task StowAsync(Site site, IEnumerable<byte[]> files)
    {
        using var body = new MultipartContent("related", "files");
        foreach (var file in files)
        {
            var part = new ByteArrayContent(file);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            body.Add(part);
        }
        body.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=files");
        using var archive = site.DicomWeb;
        using var answer = await archive.PostAsync(new Uri("studies", UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
    }
}
