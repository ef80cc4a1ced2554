namespace VnaCloud.Imaging;

/// <summary>The coding processes of ITU-T T.81, numbered as their frame headers SOF0 to SOF15 (Table B.1), and that of JPEG-LS (T.87 C.2.2).</summary>
public enum JpegProcess
{
    /// <summary>8 bits, DCT, Huffman.</summary>
    Baseline = 0,

    /// <summary>8 or 12 bits, DCT, Huffman.</summary>
    ExtendedSequential = 1,

    /// <summary>DCT in several passes, Huffman.</summary>
    Progressive = 2,

    /// <summary>2 to 16 bits, prediction, Huffman.</summary>
    Lossless = 3,

    /// <summary>Of a hierarchical sequence.</summary>
    DifferentialSequential = 5,

    /// <summary>Of a hierarchical sequence.</summary>
    DifferentialProgressive = 6,

    /// <summary>Of a hierarchical sequence.</summary>
    DifferentialLossless = 7,

    /// <summary>As 1, arithmetic coding.</summary>
    ArithmeticSequential = 9,

    /// <summary>As 2, arithmetic coding.</summary>
    ArithmeticProgressive = 10,

    /// <summary>As 3, arithmetic coding.</summary>
    ArithmeticLossless = 11,

    /// <summary>Of a hierarchical sequence, arithmetic coding.</summary>
    ArithmeticDifferentialSequential = 13,

    /// <summary>Of a hierarchical sequence, arithmetic coding.</summary>
    ArithmeticDifferentialProgressive = 14,

    /// <summary>Of a hierarchical sequence, arithmetic coding.</summary>
    ArithmeticDifferentialLossless = 15,

    /// <summary>JPEG-LS, SOF55: a stream of the same segments with another coding.</summary>
    JpegLs = 55,
}
