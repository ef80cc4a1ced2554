namespace VnaCloud.Imaging;

/// <summary>The predictions of T.81 Table H.1; samples and differences are of 16 bits and go round (section H.1.2.1).</summary>
internal static class LosslessPredictor
{
    /// <summary>Turns a line of differences into samples.</summary>
    /// <param name="selection">The predictor, 1 to 7.</param>
    /// <param name="line">Differences, then samples.</param>
    /// <param name="above">The samples of the line above.</param>
    public static void Undo(int selection, Span<ushort> line, ReadOnlySpan<ushort> above)
    {
        // Each line begins with the sample above.
        line[0] += above[0];
        switch (selection)
        {
            case 1:
                UndoFirst(line);
                break;
            case 2:
                Undo<Above>(line, above);
                break;
            case 3:
                Undo<AboveLeft>(line, above);
                break;
            case 4:
                Undo<Plane>(line, above);
                break;
            case 5:
                Undo<LeftAndSlope>(line, above);
                break;
            case 6:
                Undo<AboveAndSlope>(line, above);
                break;
            default:
                Undo<Mean>(line, above);
                break;
        }
    }

    /// <summary>The same of the first line of a scan or restart interval: by the sample to the left, whatever the predictor.</summary>
    public static void UndoFirst(Span<ushort> line, int start)
    {
        line[0] += (ushort)start;
        UndoFirst(line);
    }

    private static void UndoFirst(Span<ushort> line)
    {
        var left = line[0];
        for (var x = 1; x < line.Length; x++)
        {
            line[x] = left += line[x];
        }
    }

    private static void Undo<T>(Span<ushort> line, ReadOnlySpan<ushort> above)
        where T : struct, IPredictor
    {
        above = above[..line.Length];
        int left = line[0];
        int aboveLeft = above[0];
        for (var x = 1; x < line.Length; x++)
        {
            int over = above[x];
            left = (ushort)(line[x] + T.Predict(left, over, aboveLeft));
            line[x] = (ushort)left;
            aboveLeft = over;
        }
    }

    // Ra, Rb and Rc of T.81 Figure H.1.
    private interface IPredictor
    {
        static abstract int Predict(int left, int above, int aboveLeft);
    }

    private readonly struct Above : IPredictor
    {
        public static int Predict(int left, int above, int aboveLeft) => above;
    }

    private readonly struct AboveLeft : IPredictor
    {
        public static int Predict(int left, int above, int aboveLeft) => aboveLeft;
    }

    private readonly struct Plane : IPredictor
    {
        public static int Predict(int left, int above, int aboveLeft) => left + above - aboveLeft;
    }

    private readonly struct LeftAndSlope : IPredictor
    {
        public static int Predict(int left, int above, int aboveLeft) => left + ((above - aboveLeft) >> 1);
    }

    private readonly struct AboveAndSlope : IPredictor
    {
        public static int Predict(int left, int above, int aboveLeft) => above + ((left - aboveLeft) >> 1);
    }

    private readonly struct Mean : IPredictor
    {
        public static int Predict(int left, int above, int aboveLeft) => (left + above) >> 1;
    }
}
