using System.Text;

namespace VnaCloud.Dicom;

/// <summary>Writes one element's text, with the escape sequences that its characters need and no other.</summary>
internal sealed class TextEncoder
{
    private readonly SpecificCharacterSet _set;
    private readonly List<byte> _bytes;
    private CodedSet _low;
    private CodedSet? _high;
    private bool _lossy;

    private TextEncoder(SpecificCharacterSet set, int length)
    {
        _set = set;
        _bytes = new List<byte>(length);
        _low = set.InitialLow;
        _high = set.InitialHigh;
    }

    internal static byte[] Encode(SpecificCharacterSet set, string text, DicomVr vr, out bool lossy)
    {
        var whole = vr.UsesCharacterSet() ? set.Whole : Encoding.Latin1;
        if (whole is not null)
        {
            var bytes = whole.GetBytes(text);
            lossy = !Ascii.IsValid(text) && whole.GetString(bytes) != text;
            return bytes;
        }
        var encoder = new TextEncoder(set, text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            encoder.Write(rune, vr);
        }
        encoder.ReturnToInitial();
        lossy = encoder._lossy;
        return [.. encoder._bytes];
    }

    private void Write(Rune rune, DicomVr vr)
    {
        // ESC itself is no text: written out it would switch sets.
        if (rune.Value is < 0x20 and not 0x1B || (rune.Value == '\\' && vr.IsMultiValuedText()) || (rune.Value is '^' or '=' && vr == DicomVr.PN))
        {
            ReturnToInitial();
            // The reader starts over after a delimiter (PS3.5 section 6.1.2.5.3), also from a G1 set that no sequence can undo.
            _high = _set.InitialHigh;
            _bytes.Add((byte)rune.Value);
            return;
        }
        var character = rune.IsBmp ? (char)rune.Value : CodedSet.Unreadable;
        if (SetOf(character) is { } set)
        {
            Invoke(set);
            set.Write(character, _bytes);
            return;
        }
        _lossy = true;
        Invoke(_set.InitialLow);
        _bytes.Add((byte)'?');
    }

    private CodedSet? SetOf(char character)
    {
        if (_low.Contains(character))
        {
            return _low;
        }
        return _high?.Contains(character) == true ? _high : _set.Candidates.FirstOrDefault(set => set.Contains(character));
    }

    private void Invoke(CodedSet set)
    {
        if (set == _low || set == _high)
        {
            return;
        }
        _bytes.AddRange(set.Escape);
        (_low, _high) = set.IsHigh ? (_low, set) : (set, _high);
    }

    // What the first term names is active again before a delimiter and at the end of a value.
    private void ReturnToInitial()
    {
        Invoke(_set.InitialLow);
        if (_set.InitialHigh is { } high)
        {
            Invoke(high);
        }
    }
}
