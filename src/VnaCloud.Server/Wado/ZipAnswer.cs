using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>
/// The stored instances as a ZIP (PS3.18 10.4.1.1.5), streamed without compression or temporary files. Sizes are known before, so the
/// answer has its exact length; the CRCs come after their files, as data descriptors.
/// </summary>
internal sealed class ZipAnswer(IReadOnlyList<InstanceEntry> instances, IObjectStore store) : IResult
{
    private const int Step = 256 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var tag = Representation.Tag(instances, "zip");
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "private, no-cache";
        if (Http.Conditional.IsNotModified(request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var entries = Entries();
        response.ContentType = MediaTypeNames.Zip;
        response.ContentLength = entries.Sum(entry => ZipFormat.LocalLength(entry) + entry.Size + ZipFormat.DescriptorLength(entry) + ZipFormat.CentralLength(entry)) + ZipFormat.EndLength;
        // No UID and no name of a patient in the file's name (attacks 31).
        response.Headers.ContentDisposition = $"attachment; filename=\"{instances[0].Origin.Pack}.zip\"";
        if (!HttpMethods.IsHead(request.Method))
        {
            await WriteAsync(entries, response.BodyWriter, httpContext.RequestAborted);
        }
    }

    private List<ZipEntry> Entries()
    {
        var entries = new List<ZipEntry>(instances.Count);
        var offset = 0L;
        var series = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < instances.Count; i++)
        {
            // Short names that every file system takes, in the order of the answer.
            series.TryAdd(instances[i].Key.SeriesUid, series.Count + 1);
            var name = string.Create(CultureInfo.InvariantCulture, $"S{series[instances[i].Key.SeriesUid]:D4}/I{i + 1:D6}.dcm");
            // The time of its arrival, not of the request: the same bytes for the same entity tag.
            var entry = new ZipEntry(name, instances[i].Data.Length, offset, instances[i].Origin.Pack.Time);
            offset += ZipFormat.LocalLength(entry) + entry.Size + ZipFormat.DescriptorLength(entry);
            entries.Add(entry);
        }
        return entries;
    }

    private async Task WriteAsync(List<ZipEntry> entries, PipeWriter output, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Step);
        try
        {
            for (var i = 0; i < entries.Count; i++)
            {
                ZipFormat.WriteLocal(output, entries[i]);
                entries[i] = entries[i] with { Crc = await CopyAsync(instances[i].Data, buffer, output, cancellation) };
                ZipFormat.WriteDescriptor(output, entries[i]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        foreach (var entry in entries)
        {
            ZipFormat.WriteCentral(output, entry);
        }
        var last = entries[^1];
        ZipFormat.WriteEnd(output, entries.Count, entries.Sum(ZipFormat.CentralLength), last.Offset + ZipFormat.LocalLength(last) + last.Size + ZipFormat.DescriptorLength(last));
        await ObjectCopier.FlushAsync(output, cancellation);
    }

    private async ValueTask<uint> CopyAsync(DataLocator data, byte[] buffer, PipeWriter output, CancellationToken cancellation)
    {
        var crc = 0u;
        for (var done = 0L; done < data.Length;)
        {
            var wanted = (int)Math.Min(Step, data.Length - done);
            var read = await store.ReadAsync(data.PackKey, data.Offset + done, buffer.AsMemory(0, wanted), cancellation);
            if (read < wanted)
            {
                throw new TruncatedObjectException(data.PackKey);
            }
            crc = Crc32.Append(crc, buffer.AsSpan(0, read));
            output.Write(buffer.AsSpan(0, read));
            await ObjectCopier.FlushAsync(output, cancellation);
            done += read;
        }
        return crc;
    }
}
