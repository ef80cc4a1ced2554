using Amazon.S3;
using Amazon.S3.Model;

namespace VnaCloud.Bench.Puts;

/// <summary>One object as a multipart upload, all of its parts under way at once up to <see cref="PartsAtOnce"/>.</summary>
internal sealed class ObjectPut(AmazonS3Client client, string bucket, byte[] source, int partSize)
{
    // The default of Vna:Storage:S3:PartsAtOnce.
    private const int PartsAtOnce = 3;

    public async Task RunAsync()
    {
        var key = Guid.NewGuid().ToString("N");
        var upload = await client.InitiateMultipartUploadAsync(bucket, key);
        var count = (source.Length + partSize - 1) / partSize;
        var tags = new PartETag[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce }, async (i, cancellation) =>
        {
            var length = Math.Min(partSize, source.Length - (i * partSize));
            using var body = new MemoryStream(source, i * partSize, length, writable: false);
            var answer = await client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = bucket, Key = key, UploadId = upload.UploadId, PartNumber = i + 1, PartSize = length, InputStream = body,
            }, cancellation);
            tags[i] = new PartETag(i + 1, answer.ETag);
        });
        await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload.UploadId, PartETags = [.. tags] });
    }
}
