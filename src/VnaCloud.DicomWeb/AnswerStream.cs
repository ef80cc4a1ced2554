namespace VnaCloud.DicomWeb;

/// <summary>The body of an answer within limits of time and length.</summary>
internal sealed class AnswerStream(Stream inner, Silence silence, long limit) : ForwardStream
{
    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            // The caller's own cancellation is part of the request's token already; a second one is seldom given.
            using var both = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken) : null;
            read = await inner.ReadAsync(buffer, both?.Token ?? silence.Token);
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw new DicomWebException(new WebError(WebFault.Timeout, "The answer stopped half-way."));
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException)
        {
            throw new DicomWebException(new WebError(WebFault.Network, "The connection ended before the answer did."), lost);
        }
        catch (InvalidDataException invalid)
        {
            throw new DicomWebException(new WebError(WebFault.Malformed, "The answer cannot be inflated."), invalid);
        }
        silence.Break();
        _read += read;
        return _read <= limit ? read : throw new DicomWebException(new WebError(WebFault.Malformed, $"The answer is longer than {limit} bytes."));
    }
}
