using VnaCloud.Dicom;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>The file that was put together, as if it arrived: its pieces in memory and in the spool, one after the other.</summary>
internal sealed class PieceSource(IReadOnlyList<EncodedPiece> pieces, Spool spool) : BufferedSource(BufferSize)
{
    private const int BufferSize = 512 * 1024;
    private int _piece;
    private long _done;

    protected override async ValueTask<int> ReadAsync(Memory<byte> free, CancellationToken cancellation)
    {
        var filled = 0;
        while (_piece < pieces.Count && filled < free.Length)
        {
            var piece = pieces[_piece];
            var count = (int)Math.Min(piece.Length - _done, free.Length - filled);
            if (piece.SourceLength > 0)
            {
                await spool.ReadAsync(piece.SourceOffset + _done, free.Slice(filled, count), cancellation);
            }
            else
            {
                piece.Bytes.Slice((int)_done, count).CopyTo(free[filled..]);
            }
            (filled, _done) = (filled + count, _done + count);
            if (_done == piece.Length)
            {
                (_piece, _done) = (_piece + 1, 0);
            }
        }
        return filled;
    }
}
