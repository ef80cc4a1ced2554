using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>Asks a server for everything that a client can see, and puts it into a text that can be compared.</summary>
internal sealed class ArchiveAnswers(Uri server) : IDisposable
{
    private static readonly string[] Searches =
    [
        "studies?limit=1000", "studies?limit=1000&includefield=all", "studies?PatientName=muller*&fuzzymatching=true", "studies?StudyDate=20260305-20260309",
        "studies?ModalitiesInStudy=MR", "studies?PatientID=P2", "studies?StudyDescription=Study*", "series?limit=1000&includefield=all", "series?Modality=MR&limit=1000",
        "instances?limit=5000", "instances?limit=1000&InstanceNumber=5&includefield=all", "instances?limit=5000&NumberOfFrames=3",
    ];

    private readonly HttpClient _http = new() { BaseAddress = new Uri(server, "dicom-web/"), Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>All searches at all levels, metadata at all levels, and stored bytes.</summary>
    public async Task<string> DumpAsync(StoredStudies stored)
    {
        var text = new StringBuilder();
        foreach (var search in Searches)
        {
            text.AppendLine(await SearchAsync(search));
        }
        foreach (var study in stored.Studies)
        {
            text.AppendLine(await SearchAsync($"studies/{study}/series")).AppendLine(await SearchAsync($"studies/{study}/instances?limit=5000"));
            text.AppendLine(await BodyAsync($"studies/{study}/metadata", "application/dicom+json"));
            text.AppendJoin('\n', await FilesAsync(study)).AppendLine();
        }
        foreach (var path in stored.Live.Where((_, i) => i % 40 == 0))
        {
            text.AppendLine(await BodyAsync($"{path}/metadata", "application/dicom+json"));
            text.AppendLine(await BodyAsync(path, "application/dicom; transfer-syntax=*"));
            text.AppendLine(await BodyAsync($"{path}/frames/1", "application/octet-stream"));
        }
        return text.ToString();
    }

    /// <summary>Digests of a study's stored files, in order; none where there is no such study.</summary>
    public async Task<IReadOnlyList<string>> FilesAsync(string study)
    {
        using var answer = await SendAsync($"studies/{study}", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var boundary = answer.Content.Headers.ContentType!.Parameters.Single(static parameter => parameter.Name == "boundary").Value!.Trim('"');
        return [.. Parts(await answer.Content.ReadAsByteArrayAsync(), Encoding.ASCII.GetBytes($"--{boundary}"))];
    }

    /// <summary>Why nothing is served.</summary>
    public async Task<(HttpStatusCode Status, string Text)> RefusalAsync()
    {
        using var answer = await SendAsync("studies", "application/dicom+json");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<HttpStatusCode> ReadyAsync()
    {
        using var answer = await _http.GetAsync(new Uri(server, "health/ready"));
        return answer.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private static IEnumerable<string> Parts(byte[] body, byte[] delimiter)
    {
        var at = body.AsSpan().IndexOf(delimiter);
        while (at >= 0)
        {
            var begin = at + delimiter.Length;
            var length = body.AsSpan(begin).IndexOf(delimiter);
            if (length < 0)
            {
                yield break;
            }
            var head = body.AsSpan(begin, length).IndexOf("\r\n\r\n"u8) + 4;
            yield return Convert.ToHexString(SHA256.HashData(body.AsSpan(begin + head, length - head - 2)));
            at = begin + length;
        }
    }

    private async Task<string> SearchAsync(string path)
    {
        using var answer = await SendAsync(path, "application/dicom+json");
        var total = answer.Headers.TryGetValues("X-Total-Count", out var values) ? string.Join(',', values) : "-";
        return $"{path}: {(int)answer.StatusCode}, {total}\n{await answer.Content.ReadAsStringAsync()}";
    }

    private async Task<string> BodyAsync(string path, string accept)
    {
        using var answer = await SendAsync(path, accept);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return $"{path}: {(int)answer.StatusCode}"; // with a trace id of its own
        }
        return $"{path}: 200 {Convert.ToHexString(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()))}";
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        return await _http.SendAsync(request);
    }
}
