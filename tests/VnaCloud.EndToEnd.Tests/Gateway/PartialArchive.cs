using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>Keeps half of the instances from the archive, each the first time that it comes, and answers that they failed.</summary>
/// <param name="reason">Failure Reason (0008,1197).</param>
internal sealed class PartialArchive(int reason)
{
    private readonly ConcurrentDictionary<string, byte> _failed = new(StringComparer.Ordinal);

    /// <summary>Instances that were kept from it.</summary>
    public int Failed => _failed.Count;

    public async Task ActAsync(HttpContext context, Func<Task> pass)
    {
        if (context.Request.Method != HttpMethods.Post)
        {
            await pass();
            return;
        }
        using var sent = new MemoryStream();
        await context.Request.Body.CopyToAsync(sent);
        var delimiter = $"--{context.Request.ContentType!.Split("boundary=")[1].Trim('"')}";
        // Latin-1 keeps every byte.
        var pieces = Encoding.Latin1.GetString(sent.ToArray()).Split(delimiter);
        var (kept, failed) = (new StringBuilder(pieces[0]), new List<string>());
        foreach (var part in pieces[1..^1])
        {
            var sop = await SopAsync(part);
            if (sop[^1] % 2 == 0 && _failed.TryAdd(sop, 0))
            {
                failed.Add(sop);
            }
            else
            {
                kept.Append(delimiter).Append(part);
            }
        }
        var body = Encoding.Latin1.GetBytes(kept.Append(delimiter).Append(pieces[^1]).ToString());
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentLength = body.Length;
        // The archive would find another body under the key.
        context.Request.Headers.Remove("Idempotency-Key");
        await AnswerAsync(context, failed.Count == pieces.Length - 2 ? NothingAsync : pass, failed);

        Task NothingAsync()
        {
            (context.Response.StatusCode, context.Response.ContentType) = (StatusCodes.Status409Conflict, "application/dicom+json");
            return context.Response.Body.WriteAsync("{}"u8.ToArray()).AsTask();
        }
    }

    private async Task AnswerAsync(HttpContext context, Func<Task> pass, List<string> failed)
    {
        var output = context.Response.Body;
        using var whole = new MemoryStream();
        context.Response.Body = whole;
        await pass();
        context.Response.Body = output;
        var bytes = whole.ToArray();
        if (failed.Count > 0 && context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status409Conflict)
        {
            var answer = JsonNode.Parse(bytes)!.AsObject();
            var items = string.Join(',', failed.Select(sop => string.Create(CultureInfo.InvariantCulture,
                $"{{\"00081155\":{{\"vr\":\"UI\",\"Value\":[\"{sop}\"]}},\"00081197\":{{\"vr\":\"US\",\"Value\":[{reason}]}}}}")));
            answer["00081198"] = JsonNode.Parse($"{{\"vr\":\"SQ\",\"Value\":[{items}]}}");
            bytes = Encoding.UTF8.GetBytes(answer.ToJsonString());
            context.Response.StatusCode = context.Response.StatusCode == StatusCodes.Status200OK ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict;
        }
        context.Response.ContentLength = bytes.Length;
        await output.WriteAsync(bytes);
    }

    private static async Task<string> SopAsync(string part)
    {
        var file = Encoding.Latin1.GetBytes(part[(part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        await using var reader = new DicomReader(new MemorySource(file));
        await reader.ReadFileMetaAsync(default);
        return reader.FileMeta.String(DicomTags.MediaStorageSOPInstanceUID);
    }
}
