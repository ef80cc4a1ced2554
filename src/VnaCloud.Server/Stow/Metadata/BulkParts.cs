using System.Globalization;
using VnaCloud.Archive;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>One part that is no metadata.</summary>
/// <param name="MediaType">Its canonical name in lower case.</param>
/// <param name="TransferSyntax">The transfer-syntax parameter, where there is one.</param>
/// <param name="Range">Its bytes.</param>
internal sealed record BulkPart(string MediaType, string? TransferSyntax, SpoolRange Range);

/// <summary>
/// The bulk parts of a request by the BulkDataURI that names them. The Content-Location of a part is that URI (PS3.18 10.5.2); parts of
/// one location are the frames of compressed pixel data in their order (8.7.3.3.2). A location may also end in /frames/N, as the parts of
/// a WADO-RS answer do, where the URI is what stands before it, or its /frames or /bulkdata/7FE00010.
/// </summary>
internal sealed class BulkParts(IReadOnlySet<string> referenced)
{
    private const string FramesSegment = "/frames/";

    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

    /// <summary>The URI that a part belongs to, and its frame number or 0; null when no metadata names it.</summary>
    public (string Uri, int Frame)? Place(string? location)
    {
        if (location is null)
        {
            return null;
        }
        if (referenced.Contains(location))
        {
            return (location, 0);
        }
        var at = location.LastIndexOf(FramesSegment, StringComparison.Ordinal);
        if (at < 0 || !int.TryParse(location.AsSpan(at + FramesSegment.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var frame) || frame == 0)
        {
            return null;
        }
        var stem = location[..at];
        string[] candidates = [stem, $"{stem}/frames", $"{stem}/bulkdata/7FE00010"];
        return Array.Find(candidates, referenced.Contains) is { } uri ? (uri, frame) : null;
    }

    /// <summary>Adds a part at its place.</summary>
    public void Add((string Uri, int Frame) place, BulkPart part)
    {
        if (!_values.TryGetValue(place.Uri, out var value))
        {
            _values.Add(place.Uri, value = new Value());
        }
        if (place.Frame == 0)
        {
            value.Whole.Add(part);
        }
        else
        {
            value.IsTwice |= !value.Frames.TryAdd(place.Frame, part);
        }
    }

    /// <summary>The parts of a URI in the order of the frames; null when there is none.</summary>
    /// <exception cref="BulkFaultException">They do not make one value.</exception>
    public IReadOnlyList<BulkPart>? Of(string uri)
    {
        if (!_values.TryGetValue(uri, out var value))
        {
            return null;
        }
        if (value.Frames.Count == 0)
        {
            return value.Whole;
        }
        if (value.Whole.Count > 0 || value.IsTwice)
        {
            throw new BulkFaultException(FailureReason.CannotUnderstand, "Two parts are the same frame, or the value and one of its frames.");
        }
        return value.Frames.Keys.Last() == value.Frames.Count
            ? [.. value.Frames.Values]
            : throw new BulkFaultException(FailureReason.MissingBulkData, "Frames are missing between those that are there.");
    }

    private sealed class Value
    {
        public List<BulkPart> Whole { get; } = [];

        public SortedDictionary<int, BulkPart> Frames { get; } = [];

        public bool IsTwice { get; set; }
    }
}
