using System.Buffers;

namespace VnaCloud.Imaging.Tests.Frames;

public sealed class RentedWriterTests
{
    [Fact]
    public void Bytes_WrittenInPieces_StayAsTheyWereWhileItGrows()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        using var writer = new RentedWriter();
        foreach (var piece in bytes.Chunk(7_001))
        {
            writer.Write(piece);
        }
        Assert.Equal(bytes.Length, writer.WrittenCount);
        Assert.True(writer.WrittenMemory.Span.SequenceEqual(bytes));
    }

    [Fact]
    public void Clear_BeginsAnew()
    {
        using var writer = new RentedWriter();
        writer.Write("the first frame"u8);
        writer.Clear();
        writer.Write("second"u8);
        Assert.True(writer.WrittenMemory.Span.SequenceEqual("second"u8));
    }

    [Fact]
    public void Advance_BeyondWhatWasGiven_IsRefused()
    {
        using var writer = new RentedWriter();
        var room = writer.GetSpan(10).Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(room + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        writer.Advance(room);
        Assert.Equal(room, writer.WrittenCount);
    }

    [Fact]
    public void Dispose_Twice_GivesItsMemoryBackOnce()
    {
        var writer = new RentedWriter();
        writer.Write(new byte[5_000]);
        writer.Dispose();
        writer.Dispose();
        // What was given back twice would be two tenants' at once.
        var (one, other) = (ArrayPool<byte>.Shared.Rent(5_000), ArrayPool<byte>.Shared.Rent(5_000));
        Assert.NotSame(one, other);
        Assert.Equal(0, writer.WrittenCount);
    }
}
