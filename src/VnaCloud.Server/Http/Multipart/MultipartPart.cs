using VnaCloud.Dicom;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>One part of a body: its headers, and its content while it is the current part.</summary>
internal sealed class MultipartPart(IReadOnlyDictionary<string, string> headers, ByteSource content)
{
    /// <summary>Header fields by name, in any case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; } = headers;

    public string? ContentType => Headers.GetValueOrDefault("Content-Type");

    public string? ContentLocation => Headers.GetValueOrDefault("Content-Location");

    /// <summary>Usable until the next part is read; what is left of it then is passed over.</summary>
    public ByteSource Content { get; } = content;
}
