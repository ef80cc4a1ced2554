using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using VnaCloud.Bench.Puts;

// What a bucket takes from a client that has nothing else to do: objects out of memory, in the parts in which VnaCloud sends its packs.
//   ENDPOINT KEY SECRET BUCKET                                  makes the bucket
//   ENDPOINT KEY SECRET BUCKET OBJECTS BYTES PART AT-ONCE       puts so many objects, so many at once, and prints one line of JSON
using var client = new AmazonS3Client(new BasicAWSCredentials(args[1], args[2]), new AmazonS3Config
{
    ServiceURL = args[0], AuthenticationRegion = "us-east-1", ForcePathStyle = true, BufferSize = 128 * 1024,
    RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
});
if (args.Length == 4)
{
    await client.PutBucketAsync(args[3]);
    return;
}
var (objects, bytes, part, atOnce) = (Number(4), Number(5), Number(6), Number(7));
var source = new byte[bytes];
new Random(1).NextBytes(source);
var upload = new ObjectPut(client, args[3], source, part);
await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => upload.RunAsync()));
var started = Stopwatch.GetTimestamp();
var left = objects;
await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
{
    while (Interlocked.Decrement(ref left) >= 0)
    {
        await upload.RunAsync();
    }
}));
var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"objects\":{objects},\"seconds\":{seconds:F3},\"bytesPerSecond\":{objects * (double)bytes / seconds:F0}}}"));

int Number(int argument) => int.Parse(args[argument], CultureInfo.InvariantCulture);
