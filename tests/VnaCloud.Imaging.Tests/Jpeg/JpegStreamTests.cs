namespace VnaCloud.Imaging.Tests;

/// <summary>Streams made here, of kinds that few files are of: ours and dcmdjpeg's samples of them.</summary>
public sealed class JpegStreamTests
{
    private const string Lossless = "1.2.840.10008.1.2.4.57";
    private const string Extended = "1.2.840.10008.1.2.4.51";

    private static readonly int[] Predictors = [1, 2, 3, 4, 5, 6, 7];

    public static TheoryData<int> Precisions => [.. Enumerable.Range(2, 15)];

    [Theory]
    [MemberData(nameof(Precisions))]
    public async Task Decode_LosslessOfEachPredictor_IsTheImageAndWhatDcmdjpegDecodes(int precision) => await RequireImagesAsync(Predictors.Select(predictor =>
        new LosslessStream(precision, predictor, 0, 37, 29, [(1, 1)]) { Seed = precision, RestartRows = precision % 3 * 2 }));

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 7)]
    [InlineData(12, 4)]
    [InlineData(16, 1)]
    [InlineData(16, 9)]
    [InlineData(16, 15)]
    public async Task Decode_LosslessWithPointTransform_IsTheImageAndWhatDcmdjpegDecodes(int precision, int shift) => await RequireImagesAsync(Predictors.Select(predictor =>
        new LosslessStream(precision, predictor, shift, 31, 18, [(1, 1)]) { Seed = shift }));

    [Theory]
    [InlineData(8, true, 0)]
    [InlineData(8, false, 0)]
    [InlineData(8, true, 1)]
    [InlineData(16, true, 4)]
    [InlineData(16, false, 2)]
    [InlineData(12, true, 10)]
    public async Task Decode_LosslessColour_IsTheImageAndWhatDcmdjpegDecodes(int precision, bool interleaved, int restartRows) => await RequireImagesAsync(Predictors.Select(predictor =>
        new LosslessStream(precision, predictor, 0, 23, 41, [(1, 1), (1, 1), (1, 1)]) { IsInterleaved = interleaved, RestartRows = restartRows, Seed = predictor }));

    /// <summary>
    /// Restarts after an even number of lines: where one falls on the second line of two that share samples, in a scan of one component,
    /// DCMTK takes the first for it (it predicts only when both are read). <see cref="Decode_LosslessOfAnySize_IsTheImage"/> has those too.
    /// </summary>
    [Theory]
    [InlineData("21 11 11")]
    [InlineData("22 11 11")]
    [InlineData("12 11 12")]
    [InlineData("41 21 11")]
    [InlineData("11 11 11 11")]
    public async Task Decode_LosslessOfEachSampling_IsTheImageAndWhatDcmdjpegDecodes(string factors) => await RequireImagesAsync(Predictors.Select(predictor =>
        new LosslessStream(16, predictor, 0, 19, 14, Sampling(factors)) { IsInterleaved = predictor % 3 != 0, RestartRows = predictor % 2 * 4, Seed = predictor }));

    /// <summary>Small images of all kinds at once, whose ends fall anywhere in an MCU.</summary>
    [Fact]
    public void Decode_LosslessOfAnySize_IsTheImage()
    {
        IReadOnlyList<(int, int)>[] samplings = [[(2, 1), (1, 1), (1, 1)], [(2, 2), (1, 1), (1, 1)], [(1, 2), (1, 1), (1, 2)], [(4, 1), (2, 1), (1, 1)], [(1, 1), (1, 1), (1, 1), (1, 1)]];
        for (var seed = 0; seed < 140; seed++)
        {
            var made = new LosslessStream(9 + seed % 8, 1 + seed % 7, seed % 3, 1 + seed % 19, 1 + seed % 13, samplings[seed % samplings.Length])
            {
                IsInterleaved = seed % 4 != 0, RestartRows = seed % 5, Seed = seed,
            };
            Assert.True(made.Pixels().AsSpan().SequenceEqual(JpegSamples.Decode(made.Encode())), $"{seed}: {made}");
        }
    }

    /// <summary>T.81 Table H.2: 32768 is the one difference of 16 bits, and no bits follow its size.</summary>
    [Fact]
    public async Task Decode_DifferenceOfHalfTheRange_GoesRound()
    {
        var writer = new JpegStreamWriter().DcTable(17, 1).Frame(JpegProcess.Lossless, 16, 4, 1, [(1, 1)]).Scan([0], 1, 0, 0);
        foreach (var difference in new[] { 32768, 32768, -1, 2 })
        {
            writer.Code(0, 0, difference);
        }
        Assert.Equal([0, 32768, 32767, 32769], JpegSamples.Decode(writer.End()));
        await RequireOracleAsync([writer.End()], Lossless);
    }

    [Theory]
    [InlineData("11")]
    [InlineData("22")]
    [InlineData("11 11 11")]
    [InlineData("21 11 11")]
    [InlineData("22 11 11")]
    [InlineData("12 11 11")]
    [InlineData("41 11 11")]
    [InlineData("22 12 12")]
    [InlineData("22 21 11")]
    [InlineData("42 11 11")]
    [InlineData("11 21 22")]
    public async Task Decode_SequentialOfEachSampling_IsWhatDcmdjpegDecodes(string factors)
    {
        foreach (var (width, height) in new[] { (1, 1), (3, 2), (5, 70), (33, 17), (64, 48) })
        {
            var baseline = new SequentialStream(JpegProcess.Baseline, 8, width, height, Sampling(factors)) { Seed = width };
            await RequireOracleAsync(Orders(baseline), "1.2.840.10008.1.2.4.50");
            await RequireOracleAsync(Orders(baseline with { Process = JpegProcess.ExtendedSequential }), Extended);
            await RequireOracleAsync(Orders(baseline with { Process = JpegProcess.ExtendedSequential, Precision = 12 }), Extended);
        }
    }

    private static List<(int, int)> Sampling(string factors) => [.. factors.Split(' ').Select(pair => (pair[0] - '0', pair[1] - '0'))];

    private static List<byte[]> Orders(SequentialStream stream) =>
    [
        stream.Encode(), (stream with { RestartInterval = 2 }).Encode(),
        (stream with { IsInterleaved = false }).Encode(), (stream with { IsInterleaved = false, RestartInterval = 5 }).Encode(),
    ];

    private static async Task RequireImagesAsync(IEnumerable<LosslessStream> images)
    {
        var made = images.ToList();
        Assert.All(made, image => Assert.Equal(image.Pixels(), JpegSamples.Decode(image.Encode())));
        await RequireOracleAsync([.. made.Select(image => image.Encode())], Lossless);
    }

    // All of one size, as the frames of one file.
    private static async Task RequireOracleAsync(List<byte[]> streams, string syntax)
    {
        Assert.SkipUnless(Oracle.HasDcmtk.Value, Oracle.Missing);
        var header = JpegHeader.Read(streams[0]);
        var pixels = RleFrameTests.Pixels(header.Height, header.Width, header.Components.Count, 8 * header.SampleBytes) with
        {
            BitsStored = header.Precision, HighBit = header.Precision - 1,
            Photometric = header.Components.Count switch { 1 => "MONOCHROME2", 3 => "YBR_FULL", _ => "CMYK" },
        };
        var theirs = await JpegSamples.DcmdjpegAsync(streams, pixels, syntax);
        Assert.Equal(streams.Count, theirs.Count);
        Assert.All(streams.Zip(theirs), pair => Assert.Equal(0, JpegSamples.LargestDifference(pair.Second, JpegSamples.Decode(pair.First))));
    }
}
