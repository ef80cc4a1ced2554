using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Sequence header of MPEG-2 video (ITU-T H.262 section 6.2.2.1), wherever the container puts it. How many frames there are is not said.</summary>
internal static class Mpeg2Header
{
    /// <summary>Bytes in which the first sequence header is looked for. 64 KiB.</summary>
    private const int Searched = 64 * 1024;

    // PS3.5 section 8.2.5: what Main Level may have.
    private const int MainLevelColumns = 720, MainLevelRows = 576;

    private static readonly double[] FramesPerSecond = [0, 24000 / 1001.0, 24, 25, 30000 / 1001.0, 30, 50, 60000 / 1001.0, 60];

    public static ImageHeader Read(SpoolReader bytes)
    {
        for (var at = 0; at < Searched && at + 8 <= bytes.Length; at++)
        {
            if (bytes.U32(at) != 0x0000_01B3)
            {
                continue;
            }
            var size = bytes.U32(at + 4);
            var (columns, rows, rate) = ((int)(size >> 20), (int)(size >> 8) & 0xFFF, (int)size & 0xF);
            return new ImageHeader
            {
                Rows = rows,
                Columns = columns,
                Samples = 3,
                Bits = 8,
                IsVideo = true,
                Photometric = "YBR_PARTIAL_420",
                TransferSyntax = columns <= MainLevelColumns && rows <= MainLevelRows ? "1.2.840.10008.1.2.4.100" : "1.2.840.10008.1.2.4.101",
                LossyMethod = "ISO_13818_2",
                FrameTime = rate > 0 && rate < FramesPerSecond.Length ? 1000 / FramesPerSecond[rate] : 0,
            };
        }
        throw BulkFaultException.Unreadable("The part has no sequence header of MPEG-2 video.");
    }
}
