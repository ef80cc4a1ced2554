using System.Collections;

namespace VnaCloud.Dicom.Tests.Pixels;

public class BitFramesTests
{
    [Fact]
    public void Extract_AnyStartAndLength_GivesTheBitsAndZeroes()
    {
        var random = new Random(5);
        var source = new byte[40];
        random.NextBytes(source);
        var bits = new BitArray(source);
        for (var first = 0; first < 100; first++)
        {
            for (var count = 0; count <= 200; count++)
            {
                var frame = Enumerable.Repeat((byte)0xFF, 30).ToArray();
                BitFrames.Extract(source, first, count, frame);
                var extracted = new BitArray(frame);
                for (var i = 0; i < extracted.Count; i++)
                {
                    Assert.True(extracted[i] == (i < count && bits[first + i]), $"bit {i} of {count} from {first}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 16, 2)]
    [InlineData(0, 17, 3)]
    [InlineData(0, 16, 1)]
    public void Extract_MoreThanThereIs_IsRefused(int first, long bits, int room) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BitFrames.Extract(new byte[2], first, bits, new byte[room]));
}
