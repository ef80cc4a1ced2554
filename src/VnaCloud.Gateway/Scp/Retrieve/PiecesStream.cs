using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Scp.Retrieve;

/// <summary>An encoded data set as its bytes: what was made in memory, and ranges of the little-endian file that it was read from, which it closes.</summary>
internal sealed class PiecesStream(Stream file, IReadOnlyList<EncodedPiece> pieces) : ReadOnlyStream(file)
{
    private int _piece;
    private long _at;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece < pieces.Count && _at == pieces[_piece].Length)
        {
            (_piece, _at) = (_piece + 1, 0);
        }
        if (_piece == pieces.Count || buffer.IsEmpty)
        {
            return 0;
        }
        var piece = pieces[_piece];
        var count = (int)Math.Min(buffer.Length, piece.Length - _at);
        if (piece.SourceLength == 0)
        {
            piece.Bytes.Slice((int)_at, count).CopyTo(buffer);
        }
        else
        {
            Body.Position = piece.SourceOffset + _at;
            await Body.ReadExactlyAsync(buffer[..count], cancellationToken);
        }
        _at += count;
        return count;
    }
}
