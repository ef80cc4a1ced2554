namespace VnaCloud.Server.Wado.Rendered;

/// <summary>How much of a report goes onto its page. What is past a limit is left out, and the page says so where it happens and at its end.</summary>
internal static class ReportLimits
{
    /// <summary>Content items within content items. Real templates (PS3.16) nest eight or so.</summary>
    public const int Depth = 32;

    /// <summary>Content items; a long angiography's dose report has some thousands.</summary>
    public const int Items = 20_000;

    /// <summary>Bytes of one value. Longer ones are not decoded.</summary>
    public const int ValueBytes = 1 << 20;

    /// <summary>Characters of one value.</summary>
    public const int TextCharacters = 256 * 1024;

    /// <summary>Entries of one list: observers, frames, channels, points of a region.</summary>
    public const int ListEntries = 64;

    /// <summary>Instances of the evidence sequences that can be linked to.</summary>
    public const int Evidence = 20_000;

    /// <summary>Bytes of the page, give or take the item that reaches them.</summary>
    public const int PageBytes = 16 * 1024 * 1024;
}
