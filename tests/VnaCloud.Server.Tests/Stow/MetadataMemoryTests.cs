using System.Net;
using System.Text;
using VnaCloud.Server.Tests.Corpus;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>What the whole process allocates, so that nothing else may run beside.</summary>
[Collection(Alone.Name)]
public sealed class MetadataMemoryTests
{
    [Fact]
    [Trait("dicomweb", "62")]
    public async Task BulkData_LargerThanAnyBuffer_IsNotHeldInMemory()
    {
        Assert.SkipWhen(Stack.IsCloud, "Uploads to a bucket have a buffer of their own, bounded for the process.");
        await using var server = await WireServer.StartAsync();
        const int size = 256 << 20;
        var json = MetadataJson.Instance("1.1").Grey(8, 8).Named("7FE00010", "OB", "video").ToJsonString();
        var head = Encoding.ASCII.GetBytes($"--b\r\nContent-Type: application/dicom+json\r\n\r\n[{json}]\r\n--b\r\nContent-Type: video/mp4; transfer-syntax=1.2.840.10008.1.2.4.102\r\nContent-Location: video\r\n\r\n");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dicom-web/studies") { Content = new StreamContent(new JoinedStream(head, size, "\r\n--b--\r\n"u8.ToArray())) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", new MetadataBody().ContentType);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var response = await server.Client.SendAsync(request);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        Assert.InRange(allocated, 0, size / 4);
        Assert.Equal(size, (await server.GetAsync($"{Files.InstanceUrl("1.1")}/bulkdata/7FE00010", ("Accept", "video/mp4"))).Content.Headers.ContentLength);
    }

    // A body that is made as it is read.
    private sealed class JoinedStream(byte[] head, int zeros, byte[] tail) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var target = buffer.AsSpan(offset, count);
            if (_position < head.Length)
            {
                return Take(head.AsSpan((int)_position), target);
            }
            var zero = _position - head.Length;
            return zero < zeros ? Take(new Span<byte>(Zeros)[..(int)Math.Min(zeros - zero, Zeros.Length)], target) : Take(tail.AsSpan((int)(zero - zeros)), target);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        private static readonly byte[] Zeros = new byte[64 * 1024];

        private int Take(Span<byte> source, Span<byte> target)
        {
            var count = Math.Min(source.Length, target.Length);
            source[..count].CopyTo(target);
            _position += count;
            return count;
        }
    }
}
