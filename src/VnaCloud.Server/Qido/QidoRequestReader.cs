using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Qido;

/// <summary>
/// Reads the query part of a search URL (PS3.18 8.3.4). Finds all faults before it gives up; their sentences name attributes, never values.
/// </summary>
internal sealed class QidoRequestReader
{
    private static readonly DicomTag[][] DateAndTime =
    [
        [DicomTags.StudyDate, DicomTags.StudyTime],
        [DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime],
    ];

    private static readonly string Searchable = string.Join(", ", IndexedAttributes.All.Select(Name));

    private readonly LimitOptions _limits;
    private readonly List<string> _faults = [];
    private readonly Dictionary<string, string> _controls = [];
    private readonly List<(IndexedAttribute Attribute, string Value)> _matches = [];
    private readonly HashSet<DicomTag> _matched = [];
    private readonly IncludeTree _included = new();
    private readonly List<string> _unknownIncludes = [];
    private int _includes;
    private bool _includesAll;
    private bool _namesSearchable;

    private QidoRequestReader(LimitOptions limits) => _limits = limits;

    /// <returns>The request, or the sentences of a 400.</returns>
    public static (QidoRequest? Request, string? Faults) Read(QidoResource resource, string? query, LimitOptions limits)
    {
        var reader = new QidoRequestReader(limits);
        var request = reader.Read(resource, query);
        if (reader._namesSearchable)
        {
            reader._faults.Add($"What can be searched: {Searchable}.");
        }
        return reader._faults.Count == 0 ? (request, null) : (null, string.Join(' ', reader._faults));
    }

    private QidoRequest Read(QidoResource resource, string? query)
    {
        if (resource is { StudyUid: { } study } && !QidoUid.IsWellFormed(study) || resource is { SeriesUid: { } series } && !QidoUid.IsWellFormed(series))
        {
            _faults.Add("A UID in the path has other characters than digits and dots, an empty component or more than 64 characters.");
        }
        ReadParameters(query);
        var options = new MatchingOptions(Flag("fuzzymatching"), Flag("emptyvaluematching"), Flag("multiplevaluematching"));
        var criteria = Criteria(options);
        var limit = Number("limit", long.MaxValue) ?? _limits.QidoDefaultLimit;
        var (position, cursor) = ReadPosition();
        return new QidoRequest
        {
            Resource = resource,
            Criteria = criteria,
            Matched = _matched,
            Included = _included,
            IncludesAll = _includesAll,
            UnknownIncludes = _unknownIncludes,
            Limit = (int)Math.Min(limit, _limits.QidoMaxResults),
            Position = position,
            Cursor = cursor,
        };
    }

    private void ReadParameters(string? query)
    {
        var count = 0;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (++count > QidoLimits.Parameters)
            {
                _faults.Add($"There are more than {QidoLimits.Parameters} parameters.");
                return;
            }
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            switch (name)
            {
                case "includefield":
                    ReadIncludes(value);
                    break;
                case "limit" or "offset" or "cursor" or "fuzzymatching" or "emptyvaluematching" or "multiplevaluematching":
                    if (!_controls.TryAdd(name, value))
                    {
                        _faults.Add($"The parameter {name} is given twice.");
                    }
                    break;
                // Negotiation's own (PS3.18 8.3.3).
                case "accept" or "charset" or "":
                    break;
                default:
                    ReadAttribute(name, value);
                    break;
            }
        }
    }

    private void ReadAttribute(string name, string value)
    {
        var printable = AttributePath.Printable(name);
        if (AttributePath.Parse(name) is not { } path)
        {
            _faults.Add($"{printable} is not a parameter or an attribute of the dictionary.");
            return;
        }
        var attribute = IndexedAttributes.Find(path[^1]);
        var place = attribute?.Sequence == default(DicomTag) ? path.Length == 1 : path.Length == 2 && path[0] == attribute?.Sequence;
        if (attribute is null || !place)
        {
            _faults.Add($"{printable} cannot be searched.");
            _namesSearchable = true;
        }
        else if (!_matched.Add(attribute.Tag))
        {
            _faults.Add($"{printable} is given twice.");
        }
        else
        {
            _matches.Add((attribute, value));
        }
    }

    private void ReadIncludes(string value)
    {
        foreach (var range in value.AsSpan().Split(','))
        {
            var name = value[range].Trim();
            if (++_includes > QidoLimits.IncludeFields)
            {
                _faults.Add($"includefield names more than {QidoLimits.IncludeFields} attributes.");
                return;
            }
            if (name == "all")
            {
                _includesAll = true;
            }
            else if (name.Length > 0 && AttributePath.Parse(name) is { } path)
            {
                _included.Add(path);
            }
            else if (name.Length > 0)
            {
                _unknownIncludes.Add(AttributePath.Printable(name));
            }
        }
    }

    private List<Criterion> Criteria(MatchingOptions options)
    {
        var criteria = new List<Criterion>();
        var temporal = new Dictionary<DicomTag, TemporalKey>();
        foreach (var (attribute, value) in _matches)
        {
            var text = value.Trim(' ');
            var isTemporal = attribute.Vr is DicomVr.DA or DicomVr.TM
                && !MatchReader.IsUniversal(text) && !(options.EmptyValues && MatchReader.IsEmptyValue(text));
            var (match, fault) = isTemporal ? (null, ReadTemporal(attribute, text, temporal)) : MatchReader.Read(attribute, text, options);
            if (fault is not null)
            {
                _faults.Add($"The value of {Name(attribute)} {fault}.");
            }
            else if (match is not null)
            {
                criteria.Add(new Criterion(attribute.Tag, match));
            }
        }
        AddTemporal(criteria, temporal);
        return criteria;
    }

    private static string? ReadTemporal(IndexedAttribute attribute, string text, Dictionary<DicomTag, TemporalKey> temporal)
    {
        if (TemporalKey.Parse(attribute.Vr, text) is not { } key)
        {
            return attribute.Vr == DicomVr.DA ? "is not a date YYYYMMDD or a range of dates" : "is not a time HHMMSS.FFFFFF, whole or cut, or a range of times";
        }
        temporal.Add(attribute.Tag, key);
        return null;
    }

    private void AddTemporal(List<Criterion> criteria, Dictionary<DicomTag, TemporalKey> temporal)
    {
        foreach (var pair in DateAndTime)
        {
            if (temporal.TryGetValue(pair[0], out var date) && temporal.TryGetValue(pair[1], out var time) && date.CombinedWith(time, pair[1]) is { } combined)
            {
                if (combined.From is not null && combined.To is not null && string.CompareOrdinal(combined.From, combined.To + "~") > 0)
                {
                    _faults.Add($"The range of {AttributePath.Name(pair[..1])} and {AttributePath.Name(pair[1..])} ends before it starts.");
                }
                criteria.Add(new Criterion(pair[0], combined));
                temporal.Remove(pair[0]);
                temporal.Remove(pair[1]);
            }
        }
        foreach (var (tag, key) in temporal)
        {
            if (key.IsReversed)
            {
                _faults.Add($"The range of {AttributePath.Name([tag])} ends before it starts.");
            }
            criteria.Add(new Criterion(tag, key.ToMatch()));
        }
    }

    // A cursor of a Link is the position it stands for and the index's own: "100.abc".
    private (long Position, string? Cursor) ReadPosition()
    {
        var offset = Number("offset", QidoLimits.Offset);
        if (!_controls.TryGetValue("cursor", out var cursor))
        {
            return (offset ?? 0, null);
        }
        var point = cursor.IndexOf('.', StringComparison.Ordinal);
        if (offset is not null || cursor.Length > QidoLimits.ValueLength || point < 0
            || !long.TryParse(cursor.AsSpan(0, point), NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position > long.MaxValue / 2)
        {
            _faults.Add("cursor is taken whole from the Link of an earlier answer, and without offset.");
            return (0, null);
        }
        return (position, cursor[(point + 1)..]);
    }

    private long? Number(string name, long most)
    {
        if (!_controls.TryGetValue(name, out var text))
        {
            return null;
        }
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            _faults.Add($"{name} is not a whole number from 0.");
        }
        else if (number > most)
        {
            _faults.Add($"{name} is greater than {most}; the Link of each answer leads deeper.");
        }
        return number;
    }

    private bool Flag(string name)
    {
        if (!_controls.TryGetValue(name, out var text))
        {
            return false;
        }
        if (text is not ("true" or "false"))
        {
            _faults.Add($"{name} is neither true nor false.");
        }
        return text == "true";
    }

    private static string Name(IndexedAttribute attribute) =>
        attribute.Sequence == default ? attribute.Keyword : AttributePath.Name([attribute.Sequence, attribute.Tag]);
}
