using VnaCloud.Dicom;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>Decides where an object goes by what its header says, so that after a restart the same comes out.</summary>
internal sealed class ForwardRules(IReadOnlyList<RuleOptions> rules)
{
    /// <summary>Attributes from here on are not looked at.</summary>
    public static readonly DicomTag FirstPixels = DicomTags.FloatPixelData;

    private static readonly ForwardRoute Otherwise = new(ArchiveOptions.Main, Lane.Normal);

    public ForwardRoute Of(DicomReader header)
    {
        foreach (var rule in rules)
        {
            if (Holds(rule, header))
            {
                return new ForwardRoute(rule.Destination, rule.Lane);
            }
        }
        return Otherwise;
    }

    private static bool Holds(RuleOptions rule, DicomReader header) =>
        Matches(rule.CallingAe, header.FileMeta.String(DicomTags.SendingApplicationEntityTitle))
        && Matches(rule.CalledAe, header.FileMeta.String(DicomTags.ReceivingApplicationEntityTitle))
        && Matches(rule.Modality, header.DataSet.String(DicomTags.Modality))
        && (rule.Tag is null || (DicomTag.TryParseHex(rule.Tag, out var tag) && header.DataSet.Strings(tag).Any(value => Matches(rule.Value, value))));

    private static bool Matches(string? pattern, string value) => pattern is null || Matches(pattern.AsSpan(), value.AsSpan().Trim());

    // Going back to the last star is enough: what an earlier one could take, the last one can take too.
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> value)
    {
        var (at, star, taken) = (0, -1, 0);
        for (var i = 0; i < value.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, taken) = (at++, i);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || pattern[at] == value[i]))
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                (at, i) = (star + 1, ++taken);
            }
            else
            {
                return false;
            }
        }
        return pattern[at..].TrimStart('*').IsEmpty;
    }
}
