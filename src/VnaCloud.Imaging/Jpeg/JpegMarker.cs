namespace VnaCloud.Imaging;

/// <summary>The second bytes of the markers that matter (T.81 Table B.1).</summary>
internal static class JpegMarker
{
    public const byte Prefix = 0xFF;
    public const byte DefineHuffmanTables = 0xC4;
    public const byte JpegExtension = 0xC8;
    public const byte DefineArithmeticConditioning = 0xCC;
    public const byte FirstRestart = 0xD0;
    public const byte StartOfImage = 0xD8;
    public const byte EndOfImage = 0xD9;
    public const byte StartOfScan = 0xDA;
    public const byte DefineQuantizationTables = 0xDB;
    public const byte FirstFrame = 0xC0;
    public const byte JpegLsFrame = 0xF7;
    public const byte DefineNumberOfLines = 0xDC;
    public const byte DefineRestartInterval = 0xDD;
    public const byte DefineHierarchicalProgression = 0xDE;
    public const byte Application0 = 0xE0;
    public const byte Application14 = 0xEE;
    public const byte Temporary = 0x01;

    public static bool IsFrame(byte marker) =>
        marker is JpegLsFrame or (>= FirstFrame and <= 0xCF and not (DefineHuffmanTables or JpegExtension or DefineArithmeticConditioning));

    /// <summary>Stands alone, without a length and parameters.</summary>
    public static bool IsBare(byte marker) => marker is (>= FirstRestart and <= EndOfImage) or Temporary;
}
