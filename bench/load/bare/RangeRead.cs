using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Bench.Bare;

/// <summary>A range of a file into the response: what sending one frame costs when everything else is free.</summary>
internal static class RangeRead
{
    private const int Step = 64 * 1024;     // at concurrency 16 faster than one buffer for the whole range

    public static async Task SendAsync(SafeFileHandle file, long offset, int length, HttpContext context)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = length;
        var body = context.Response.BodyWriter;
        while (length > 0)
        {
            var window = body.GetMemory(Step)[..Math.Min(Step, length)];
            var read = RandomAccess.Read(file, window.Span, offset);
            if (read == 0)
            {
                context.Abort();
                return;
            }

            body.Advance(read);
            await body.FlushAsync(context.RequestAborted);
            offset += read;
            length -= read;
        }
    }
}
