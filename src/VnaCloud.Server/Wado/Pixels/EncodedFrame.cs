using System.Buffers;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>The bytes of one frame in the encoding that is asked for.</summary>
internal sealed class EncodedFrame(ReadOnlyMemory<byte> bytes, IDisposable? owner) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => bytes;

    public void Dispose() => owner?.Dispose();
}
