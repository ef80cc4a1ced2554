using System.Globalization;
using System.Net;
using Amazon.S3.Model;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>One range of an object, to the last byte: a body that breaks or ends early is resumed once, where it stopped.</summary>
internal sealed class RangeRead(S3Bucket bucket, string key, long offset)
{
    private int _filled;

    /// <returns>Bytes filled; fewer than asked for only at the end of the object.</returns>
    public async ValueTask<int> FillAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        try
        {
            try
            {
                return await TryAsync(destination, cancellation);
            }
            catch (BrokenBodyException)
            {
                return await TryAsync(destination, cancellation);
            }
        }
        catch (Exception failure) when (S3Faults.IsFault(failure) && failure is not ObjectMissingException)
        {
            throw S3Faults.Unavailable("Reading an object", bucket.Name, (failure as BrokenBodyException)?.InnerException ?? failure);
        }
    }

    private async ValueTask<int> TryAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        GetObjectResponse answer;
        var start = offset + _filled;
        try
        {
            answer = await bucket.GetAsync(key, $"bytes={start}-{offset + destination.Length - 1}", cancellation);
        }
        catch (Amazon.S3.AmazonS3Exception failure) when (S3Faults.Of(failure) is S3Fault.Missing or S3Fault.OutOfRange)
        {
            return S3Faults.Of(failure) == S3Fault.Missing ? throw new ObjectMissingException(key, failure) : _filled;
        }
        using (answer)
        {
            var expected = Math.Min(Total(answer, start) - offset, destination.Length);
            await using var body = new PatientStream(answer.ResponseStream, bucket.Options.Patience);
            await ReadAsync(body, destination[..(int)Math.Max(_filled, expected)], cancellation);
        }
        return _filled;
    }

    private async ValueTask ReadAsync(PatientStream body, Memory<byte> destination, CancellationToken cancellation)
    {
        try
        {
            while (_filled < destination.Length)
            {
                var read = await body.ReadAsync(destination[_filled..], cancellation);
                if (read == 0)
                {
                    throw new EndOfStreamException($"The body ended {destination.Length - _filled} bytes early.");
                }
                _filled += read;
            }
        }
        catch (Exception failure) when (S3Faults.IsFault(failure))
        {
            throw new BrokenBodyException(failure);
        }
    }

    // "bytes 0-99/1234": what we asked for, of an object of this length.
    private static long Total(GetObjectResponse answer, long start)
    {
        var told = answer.ContentRange;
        if (answer.HttpStatusCode == HttpStatusCode.PartialContent && told is not null
            && told.StartsWith(string.Create(CultureInfo.InvariantCulture, $"bytes {start}-"), StringComparison.Ordinal)
            && long.TryParse(told.AsSpan(told.IndexOf('/', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture, out var total))
        {
            return total;
        }
        if (answer.HttpStatusCode == HttpStatusCode.OK && start == 0 && answer.ContentLength >= 0)
        {
            return answer.ContentLength;
        }
        throw new IOException($"A range was asked for, and {(int)answer.HttpStatusCode} with '{told}' came.");
    }

    private sealed class BrokenBodyException(Exception inner) : IOException(inner.Message, inner);
}
