using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Query;

/// <summary>What the association negotiated for queries (PS3.4 C.5.1.1).</summary>
/// <param name="Relational">Unique keys of upper levels may be left out.</param>
/// <param name="FuzzyNames">Person names match by words.</param>
internal readonly record struct QueryOptions(bool Relational, bool FuzzyNames);

/// <summary>The identifier of a C-FIND request as a search of QIDO-RS.</summary>
internal sealed record FindRequest
{
    private static readonly DicomTag[] NoKeys =
        [DicomTags.SpecificCharacterSet, DicomTags.QueryRetrieveLevel, new(0x00080053) /* Query/Retrieve View */, DicomTags.TimezoneOffsetFromUTC];

    /// <summary>The level of the results.</summary>
    public required QueryRetrieveLevel Level { get; init; }

    /// <summary>Search resource below the service, such as <c>studies/1.2/series</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>Matching keys, includefield and options; pages are the client's own.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Query { get; init; }

    /// <summary>What every answer has: the keys of the request, without its values.</summary>
    public required IReadOnlyList<DicomElement> ReturnKeys { get; init; }

    /// <summary>A key with a value could not be matched: answers are pending with FF01H.</summary>
    public required bool HasUnsupportedKey { get; init; }

    /// <summary>Reads an identifier.</summary>
    /// <returns>The search; or, for A900H, a sentence of at most 64 characters.</returns>
    public static (FindRequest? Request, string? Fault) Read(DicomDataSet identifier, InformationModel model, QueryOptions options)
    {
        if (QueryRetrieveLevels.Read(identifier, model) is not { } level)
        {
            return (null, QueryRetrieveLevels.Missing);
        }
        var top = model == InformationModel.PatientRoot ? QueryRetrieveLevel.Patient : QueryRetrieveLevel.Study;
        for (var upper = top; upper < level && !options.Relational; upper++)
        {
            if (!IsSingle(identifier, upper.UniqueKey()))
            {
                return (null, $"{upper.UniqueKey()} must have one value without wildcards");
            }
        }
        return (new Reading(identifier, level, options).Build(), null);
    }

    /// <summary>Whether a unique key names one entity.</summary>
    private static bool IsSingle(DicomDataSet identifier, DicomTag tag) =>
        identifier.Strings(tag) is [{ Length: > 0 } value] && value.AsSpan().IndexOfAny('*', '?') < 0 && (tag == DicomTags.PatientID || DicomUid.IsTolerated(value));

    private sealed class Reading(DicomDataSet identifier, QueryRetrieveLevel level, QueryOptions options)
    {
        private readonly List<KeyValuePair<string, string>> _query = [];
        private readonly List<DicomElement> _keys = [];
        private readonly List<string> _include = [];
        private bool _unsupported;
        private bool _hasLists;
        private string? _study;
        private string? _series;

        public FindRequest Build()
        {
            foreach (var element in identifier.Where(element => !element.Tag.IsGroupLength && !NoKeys.Contains(element.Tag)))
            {
                _keys.Add(element);
                _include.Add(element.Tag.ToHex());
                if (PlaceInPath(element.Tag))
                {
                    continue;
                }
                if (element.Items is { } items)
                {
                    MatchSequence(element.Tag, items);
                }
                else if (Value(identifier, element.Tag) is { Length: > 0 } value)
                {
                    Match(element.Tag, element.Tag.ToHex(), value, SearchKeys.LevelOf(element.Tag) is { } keyLevel && keyLevel <= level);
                }
            }
            Finish();
            return new FindRequest { Level = level, Resource = Resource(), Query = _query, ReturnKeys = _keys, HasUnsupportedKey = _unsupported };
        }

        // A single UID of an upper level goes into the path.
        private bool PlaceInPath(DicomTag tag)
        {
            if (tag == DicomTags.StudyInstanceUID && level > QueryRetrieveLevel.Study && IsSingle(identifier, tag))
            {
                _study = identifier.String(tag);
            }
            else if (tag == DicomTags.SeriesInstanceUID && level > QueryRetrieveLevel.Series && IsSingle(identifier, tag) && IsSingle(identifier, DicomTags.StudyInstanceUID))
            {
                _series = identifier.String(tag);
            }
            else
            {
                return false;
            }
            return true;
        }

        private void MatchSequence(DicomTag sequence, IReadOnlyList<DicomDataSet> items)
        {
            // Sequence matching has one item (PS3.4 C.2.2.2.6).
            foreach (var element in items.Take(1).SelectMany(item => item))
            {
                if (Value(items[0], element.Tag) is { Length: > 0 } value)
                {
                    Match(element.Tag, $"{sequence.ToHex()}.{element.Tag.ToHex()}", value,
                        sequence == DicomTags.RequestAttributesSequence && SearchKeys.IsOfRequest(element.Tag) && level >= QueryRetrieveLevel.Series);
                }
            }
        }

        private void Match(DicomTag tag, string name, string value, bool isSupported)
        {
            if (!isSupported)
            {
                _unsupported = true;
                return;
            }
            // Backslash separates values in the identifier, a comma in a URL (PS3.18 8.3.4.1).
            var isList = value.Contains('\\', StringComparison.Ordinal);
            _hasLists |= isList && DicomDictionary.VrOf(tag, null) is not (DicomVr.UI or DicomVr.CS);
            _query.Add(new(name, isList ? value.Replace('\\', ',') : value));
        }

        private void Finish()
        {
            if (_hasLists)
            {
                _query.Add(new("multiplevaluematching", "true"));
            }
            if (options.FuzzyNames)
            {
                _query.Add(new("fuzzymatching", "true"));
            }
            if (_include.Count > 0)
            {
                _query.Add(new("includefield", string.Join(',', _include)));
            }
        }

        private string Resource() => level switch
        {
            QueryRetrieveLevel.Patient or QueryRetrieveLevel.Study => "studies",
            QueryRetrieveLevel.Series => _study is null ? "series" : $"studies/{_study}/series",
            _ when _study is null => "instances",
            _ when _series is null => $"studies/{_study}/instances",
            _ => $"studies/{_study}/series/{_series}/instances",
        };

        // Empty where it matches everything: no value, or nothing but asterisks (PS3.4 C.2.2.2.3).
        private static string Value(DicomDataSet data, DicomTag tag)
        {
            var values = data.Strings(tag);
            return values.All(value => value.AsSpan().Trim("* ").IsEmpty) ? "" : string.Join('\\', values.Select(value => value.Trim(' ')));
        }
    }
}
