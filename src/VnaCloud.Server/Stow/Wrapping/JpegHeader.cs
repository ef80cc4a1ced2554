using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Frame and scan header of JPEG (ITU-T T.81 Annex B) and JPEG-LS (ITU-T T.87 Annex C).</summary>
internal static class JpegHeader
{
    /// <summary>Segments before the first scan; a large ICC profile has 255.</summary>
    private const int MaxSegments = 1000;

    private const int StartOfScan = 0xDA, JpegLsFrame = 0xF7, Adobe = 0xEE, Jfif = 0xE0;
    private const string Root = "1.2.840.10008.1.2.4";

    public static ImageHeader Read(SpoolReader bytes)
    {
        if (!bytes.StartsWith([0xFF, 0xD8]))
        {
            throw BulkFaultException.Unreadable("The part is not JPEG: no SOI marker.");
        }
        var scanned = new Segments();
        long at = 2;
        for (var count = 0; count < MaxSegments; count++)
        {
            while (bytes.U8(at) == 0xFF && bytes.U8(at + 1) == 0xFF)
            {
                at++; // fill bytes
            }
            if (bytes.U8(at) != 0xFF)
            {
                throw BulkFaultException.Unreadable("The part is not JPEG: no marker where one has to be.");
            }
            var marker = bytes.U8(at + 1);
            var length = bytes.U16(at + 2);
            scanned.Note(bytes, marker, at + 4, length - 2);
            if (marker == StartOfScan)
            {
                return scanned.ToHeader();
            }
            at += 2 + Math.Max(length, 2);
        }
        throw BulkFaultException.Unreadable($"The JPEG has more than {MaxSegments} segments before its first scan.");
    }

    private sealed class Segments
    {
        private int _frame, _bits, _rows, _columns, _selection, _near;
        private int _transform = -1;
        private bool _isJfif;
        private byte[] _components = [];
        private bool _isSubsampled;

        public void Note(SpoolReader bytes, int marker, long at, int length)
        {
            switch (marker)
            {
                case >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) or JpegLsFrame:
                    NoteFrame(bytes, marker, at);
                    break;
                case Adobe when length >= 12 && bytes.Bytes(at, 5).SequenceEqual("Adobe"u8):
                    _transform = bytes.U8(at + 11);
                    break;
                case Jfif when length >= 5 && bytes.Bytes(at, 4).SequenceEqual("JFIF"u8):
                    _isJfif = true;
                    break;
                case StartOfScan:
                    // Behind the components: the predictor of lossless JPEG, or NEAR of JPEG-LS.
                    _selection = _near = bytes.U8(at + 1 + (2 * bytes.U8(at)));
                    break;
            }
        }

        public ImageHeader ToHeader()
        {
            if (_rows == 0 || _columns == 0 || _components.Length is not (1 or 3) || _bits is < 2 or > 16)
            {
                throw BulkFaultException.Unreadable("The JPEG has no frame header before its scan, or one without height, or is neither grey nor of three components.");
            }
            return new ImageHeader
            {
                Rows = _rows,
                Columns = _columns,
                Samples = _components.Length,
                Bits = _bits,
                Photometric = Photometric(),
                TransferSyntax = Syntax() ?? throw BulkFaultException.Unreadable("The JPEG is progressive, hierarchical or arithmetic, for which there is only a retired transfer syntax: send a baseline one, or name the syntax."),
                LossyMethod = _frame == 0xC3 ? null : _frame != JpegLsFrame ? "ISO_10918_1" : _near > 0 ? "ISO_14495_1" : null,
            };
        }

        private void NoteFrame(SpoolReader bytes, int marker, long at)
        {
            (_frame, _bits, _rows, _columns) = (marker, bytes.U8(at), bytes.U16(at + 1), bytes.U16(at + 3));
            _components = new byte[bytes.U8(at + 5)];
            for (var i = 0; i < _components.Length; i++)
            {
                _components[i] = bytes.U8(at + 6 + (3 * i));
                _isSubsampled |= i > 0 && bytes.U8(at + 7 + (3 * i)) != bytes.U8(at + 7);
            }
        }

        private string? Syntax() => _frame switch
        {
            0xC0 => $"{Root}.50",
            0xC1 => $"{Root}.51",
            0xC3 => _selection == 1 ? $"{Root}.70" : $"{Root}.57",
            JpegLsFrame => _near == 0 ? $"{Root}.80" : $"{Root}.81",
            _ => null,
        };

        // PS3.5 section 8.2.1: what JPEG's files say of colour by their markers, and DICOM's by Photometric Interpretation.
        private string Photometric()
        {
            if (_components.Length == 1)
            {
                return "MONOCHROME2";
            }
            var isRgb = _transform == 0 || (_transform < 0 && !_isJfif && (_frame is 0xC3 or JpegLsFrame || _components.AsSpan().SequenceEqual("RGB"u8)));
            return isRgb ? "RGB" : _isSubsampled ? "YBR_FULL_422" : "YBR_FULL";
        }
    }
}
