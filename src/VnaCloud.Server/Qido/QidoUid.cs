namespace VnaCloud.Server.Qido;

/// <summary>UIDs in a URL: digits and dots, no empty component, at most 64 characters. Leading zeros are let pass: such UIDs are stored.</summary>
internal static class QidoUid
{
    private const int MaxLength = 64;

    public static bool IsWellFormed(string text) =>
        text.Length is > 0 and <= MaxLength
        && text.All(static character => char.IsAsciiDigit(character) || character == '.')
        && text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal);
}
