namespace VnaCloud.Imaging;

/// <summary>Pixel data cannot be decoded, encoded or shown: the message says what is wrong with it, or what is not supported.</summary>
public sealed class ImageException : Exception
{
    /// <inheritdoc cref="ImageException"/>
    public ImageException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="ImageException"/>
    public ImageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
