namespace VnaCloud.Storage;

/// <summary>A stream that is read, and sought in only where more is said.</summary>
/// <param name="body">What it reads from and disposes, if that is a stream.</param>
internal abstract class ReadOnlyStream(Stream? body = null) : Stream
{
    protected Stream Body { get; } = body ?? Null;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Body.Dispose();
        }
        base.Dispose(disposing);
    }
}
