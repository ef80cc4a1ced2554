using System.Collections.Frozen;

namespace VnaCloud.Server.Http.Description;

/// <summary>The parameters of paths, which mean the same everywhere. The study of the examples is the one that the example of storing stores.</summary>
internal static class PathTexts
{
    private static readonly FrozenDictionary<string, ParameterText> All = new ParameterText[]
    {
        new("study", "Study Instance UID.") { Example = "2.25.1001" },
        new("series", "Series Instance UID.") { Example = "2.25.1002" },
        new("instance", "SOP Instance UID.") { Example = "2.25.1003" },
        new("frames", "Numbers of frames from 1, separated by commas.") { Example = "1" },
        new("frame", "Number of a frame, from 1.") { Example = "1" },
        new("path", "Where the value stands: its tag; in sequences, tag, number of the item from 0, and so on, as BulkDataURI has it.") { Example = "7FE00010" },
        new("transaction", "Transaction UID, of the client's making.") { Example = "2.25.1004" },
        new("share", "The link's `id`.") { Example = "01KBA7S0000000000000000000" },
    }.ToFrozenDictionary(static text => text.Name);

    /// <exception cref="KeyNotFoundException">Nobody described it.</exception>
    public static ParameterText Of(string name) => All[name];
}
