namespace VnaCloud.Imaging;

/// <summary>A component of a scan: which of the frame, and the Huffman tables it uses.</summary>
internal readonly record struct JpegScanComponent(int Index, int DcTable, int AcTable);

/// <summary>A scan header (T.81 section B.2.3).</summary>
/// <param name="Components">Components, interleaved when several.</param>
/// <param name="Selection">Ss: of lossless processes the predictor.</param>
/// <param name="Shift">Al: of lossless processes the point transform.</param>
/// <param name="Start">Where it stands.</param>
internal sealed record JpegScan(JpegScanComponent[] Components, int Selection, int Shift, int Start)
{
    /// <summary>T.81 section B.2.3: an MCU of interleaved components has at most ten data units.</summary>
    private const int MaxUnits = 10;

    /// <param name="parameters">Of SOS.</param>
    /// <param name="header">The frame.</param>
    /// <param name="done">A bit for each component that has had its scan: in these processes it has one only.</param>
    /// <param name="start">Where the scan header stands.</param>
    /// <exception cref="ImageException">It names components that are none or had their scan, or too many.</exception>
    public static JpegScan Read(ReadOnlySpan<byte> parameters, JpegHeader header, int done, int start)
    {
        var count = parameters.Length > 0 ? parameters[0] : 0;
        if (count is 0 or > JpegHeader.MaxComponents || parameters.Length < 4 + 2 * count)
        {
            throw new ImageException($"The JPEG scan header at byte {start} has {count} components in {parameters.Length} bytes.");
        }
        var components = new JpegScanComponent[count];
        for (var i = 0; i < count; i++)
        {
            var (id, tables) = (parameters[1 + 2 * i], parameters[2 + 2 * i]);
            var index = 0;
            while (index < header.Components.Count && (header.Components[index].Id != id || (done >> index & 1) != 0))
            {
                index++;
            }
            if (index == header.Components.Count)
            {
                throw new ImageException($"The JPEG scan header at byte {start} names component {id}, which is none or has had its scan.");
            }
            done |= 1 << index;
            components[i] = new JpegScanComponent(index, tables >> 4, tables & 0x0F);
        }
        var units = components.Sum(part => header.Components[part.Index].Horizontal * header.Components[part.Index].Vertical);
        if (count > 1 && units > MaxUnits)
        {
            throw new ImageException($"The JPEG scan header at byte {start} interleaves {units} data units: more than {MaxUnits}.");
        }
        return new JpegScan(components, parameters[1 + 2 * count], parameters[3 + 2 * count] & 0x0F, start);
    }
}
