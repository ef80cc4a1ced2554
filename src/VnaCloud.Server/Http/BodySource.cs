using VnaCloud.Dicom;

namespace VnaCloud.Server.Http;

/// <summary>A request body that is one DICOM file, read in large pieces: the server hands out small ones, hashing and writing want more.</summary>
internal sealed class BodySource(Stream body, long limit = long.MaxValue) : BufferedSource(BufferSize)
{
    private const int BufferSize = 1024 * 1024;
    private const int Enough = 256 * 1024;
    private long _received;
    private bool _ended;

    protected override async ValueTask<int> ReadAsync(Memory<byte> free, CancellationToken cancellation)
    {
        var filled = 0;
        while (!_ended && filled < Enough && filled < free.Length)
        {
            var reading = body.ReadAsync(free[filled..], cancellation);
            var waited = !reading.IsCompleted;
            var read = await reading;
            _ended = read == 0;
            filled += read;
            if (waited && filled >= Enough / 4)
            {
                // A slow sender's bytes are not held back for more.
                break;
            }
        }
        _received += filled;
        return _received <= limit ? filled : throw new BadHttpRequestException("The file is too long.", StatusCodes.Status413PayloadTooLarge);
    }
}
