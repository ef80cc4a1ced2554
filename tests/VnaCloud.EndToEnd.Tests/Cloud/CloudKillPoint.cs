using System.Text.RegularExpressions;

namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>Bytes at which a server dies (checklist reliability K0 to K6).</summary>
/// <param name="Window">What they are of.</param>
/// <param name="Wire">Where they pass.</param>
/// <param name="IsAnswer">Which way.</param>
/// <param name="Most">How many pass before it dies, at most.</param>
/// <param name="Matches">Whether a piece is of them, given the last request line of its connection.</param>
internal sealed partial record CloudKillPoint(string Window, Wire Wire, bool IsAnswer, int Most, Func<string, ReadOnlyMemory<byte>, bool> Matches)
{
    /// <summary>Whether packs must be long enough to go in parts.</summary>
    public bool NeedsParts { get; private init; }

    public static IReadOnlyList<CloudKillPoint> All { get; } =
    [
        new("K0 receiving", Wire.Client, false, 12, static (_, _) => true),
        new("K1 sending a pack", Wire.Bucket, false, 12, static (request, _) => PackPut().IsMatch(request)),
        new("K2 part sent", Wire.Bucket, true, 2, static (request, bytes) => PartPut().IsMatch(request) && IsSuccess(bytes)) { NeedsParts = true },
        new("K3 multipart completed", Wire.Bucket, true, 1, static (request, bytes) => PartsComplete().IsMatch(request) && IsSuccess(bytes)) { NeedsParts = true },
        new("K3 pack stored", Wire.Bucket, true, 6, static (request, bytes) => PackPut().IsMatch(request) && IsSuccess(bytes)),
        new("K4 before COMMIT", Wire.Database, false, 3, static (_, bytes) => IsCommit(bytes)),
        new("K5 COMMIT done, not told", Wire.Database, true, 3, static (_, bytes) => IsCommit(bytes)),
        new("K6 answering", Wire.Client, true, 6, static (request, bytes) => request.StartsWith("POST", StringComparison.Ordinal) && IsSuccess(bytes)),
    ];

    private static bool IsSuccess(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith("HTTP/1.1 200"u8);

    // The text of a statement on its way there, the tag of its completion on the way back.
    private static bool IsCommit(ReadOnlyMemory<byte> bytes) => bytes.Span.IndexOf("COMMIT\0"u8) >= 0;

    [GeneratedRegex(@"^PUT /\S+\.tar(\?x-id=PutObject)? ")]
    private static partial Regex PackPut();

    [GeneratedRegex(@"^PUT /\S+\.tar\?\S*partNumber=")]
    private static partial Regex PartPut();

    [GeneratedRegex(@"^POST /\S+\.tar\?\S*uploadId=")]
    private static partial Regex PartsComplete();
}
