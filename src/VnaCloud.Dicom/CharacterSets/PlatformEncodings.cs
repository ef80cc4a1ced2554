using System.Text;

namespace VnaCloud.Dicom;

/// <summary>Code pages of the shared framework, without registering them for the whole process.</summary>
internal static class PlatformEncodings
{
    internal static Encoding Get(int codePage) => codePage switch
    {
        65001 => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        28591 => Encoding.Latin1,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(
                codePage, new EncoderReplacementFallback("?"), new DecoderReplacementFallback("\uFFFD"))
            ?? throw new PlatformNotSupportedException($"Code page {codePage} is not there."),
    };
}
