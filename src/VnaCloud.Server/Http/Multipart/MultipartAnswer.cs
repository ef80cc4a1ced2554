using System.Text;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>
/// The bytes of a multipart/related answer that are not content (PS3.18 8.6.1.2), as pure functions: the length of the whole
/// answer is known before its first byte is sent.
/// </summary>
/// <param name="Boundary">Must not occur in any part.</param>
/// <param name="RelatedType">The media type of the root part.</param>
internal sealed record MultipartAnswer(string Boundary, string RelatedType)
{
    // A client that reads headers into a small fixed buffer is met by staying below this.
    private const int PartHeaderLimit = 1000;

    /// <summary>The answer's Content-Type.</summary>
    public string ContentType => $"multipart/related; type=\"{RelatedType}\"; boundary=\"{Boundary}\"";

    /// <summary>What ends the answer, after the last part.</summary>
    public byte[] Closing => Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");

    /// <summary>What begins a part, up to its first content byte. The first part has no CRLF before its delimiter.</summary>
    public byte[] PartHeader(bool first, string contentType, string? contentLocation = null)
    {
        var text = new StringBuilder(256);
        text.Append(first ? "--" : "\r\n--").Append(Boundary).Append("\r\nContent-Type: ").Append(contentType);
        if (contentLocation is not null)
        {
            text.Append("\r\nContent-Location: ").Append(contentLocation);
        }
        text.Append("\r\n\r\n");
        var bytes = Encoding.ASCII.GetBytes(text.ToString());
        return bytes.Length < PartHeaderLimit
            ? bytes
            : throw new ArgumentException($"A part's header must be shorter than {PartHeaderLimit} bytes.", nameof(contentLocation));
    }
}
