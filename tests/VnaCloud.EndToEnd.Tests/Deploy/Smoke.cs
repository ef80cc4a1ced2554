using System.Net;
using System.Net.Http.Headers;
using System.Text;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>What every way of running the server has to do: store, find, give back, and make a JPEG of a compressed frame, for which it needs its codec worker.</summary>
internal static class Smoke
{
    private const string Study = "1.2.826.0.1.3680043.10.7.55";
    private const string Series = Study + ".1";
    private const string Native = Series + ".1";
    private const string Compressed = Series + ".2";

    public static async Task PassAsync(Uri server)
    {
        using var archive = new ArchiveClient(server);
        var file = Instances.File(new InstanceSpec(Study, Series, Native) { Rows = 64, Columns = 64 });
        var stored = await archive.StowAsync(file);
        Assert.Equal(HttpStatusCode.OK, stored.Status);
        Assert.Equal(Native, ArchiveClient.Text(Assert.Single(await archive.SearchAsync($"instances?StudyInstanceUID={Study}&includefield=SOPInstanceUID")), "00080018"));
        Assert.Equal(file, await InstanceAsync(archive, Native, "1.2.840.10008.1.2.1"));

        // The same slice in JPEG-LS under another UID of the same length.
        var jpegLs = await InstanceAsync(archive, Native, "1.2.840.10008.1.2.4.80");
        var (from, to) = (Encoding.ASCII.GetBytes(Native), Encoding.ASCII.GetBytes(Compressed));
        for (var at = 0; jpegLs.AsSpan(at).IndexOf(from) is >= 0 and var next; at += next + from.Length)
        {
            to.CopyTo(jpegLs.AsSpan(at + next));
        }
        Assert.Equal(HttpStatusCode.OK, (await archive.StowAsync(jpegLs)).Status);
        using var picture = await archive.SendAsync($"studies/{Study}/series/{Series}/instances/{Compressed}/frames/1/rendered", "image/jpeg");
        Assert.Equal([0xFF, 0xD8, 0xFF], (await picture.Content.ReadAsByteArrayAsync())[..3]);
    }

    private static async Task<byte[]> InstanceAsync(ArchiveClient archive, string sop, string syntax)
    {
        using var answer = await archive.SendAsync($"studies/{Study}/series/{Series}/instances/{sop}", $"multipart/related; type=\"application/dicom\"; transfer-syntax={syntax}");
        var body = await answer.Content.ReadAsByteArrayAsync();
        var boundary = answer.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "boundary").Value!.Trim('"');
        var start = body.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        return body[start..body.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes($"\r\n--{boundary}--"))];
    }
}
