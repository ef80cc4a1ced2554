using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>What each result of an answer holds, decided once: columns in tag order, and perhaps attributes of stored metadata.</summary>
internal sealed class ResultPlan
{
    private readonly IncludeTree _included;
    private readonly bool _includesAll;
    private readonly QueryLevel _level;
    private readonly HashSet<DicomTag> _answered;

    public ResultPlan(QidoRequest request)
    {
        (_included, _includesAll, _level) = (request.Included, request.IncludesAll, request.Resource.Level);
        Columns = [.. ResultColumns.All.Where(column => column.Level <= _level && !IsBetterStored(column)).Select(column => Plan(column, request)).OfType<PlannedColumn>()];
        _answered = [.. Columns.Select(static planned => planned.Column.Tag)];
        NeedsMetadata = _includesAll || _included.Tags.Any(tag => !_answered.Contains(tag) && AttributeLevels.Of(tag) <= _level);
    }

    public IReadOnlyList<PlannedColumn> Columns { get; }

    /// <summary>Some attribute is in no column: the stored metadata has to be read.</summary>
    public bool NeedsMetadata { get; }

    /// <summary>How much of a stored attribute is wanted; null when it is not, is above its level's results, or is in a column.</summary>
    public IncludeTree? Wanted(DicomTag tag) =>
        _answered.Contains(tag) || AttributeLevels.Of(tag) > _level ? null : _includesAll ? Everything : _included[tag];

    private static IncludeTree Everything { get; } = MakeEverything();

    // The index has two attributes of an item only.
    private bool IsBetterStored(ResultColumn column) => column is RequestsColumn && (_includesAll || _included[column.Tag] is not null);

    private static PlannedColumn? Plan(ResultColumn column, QidoRequest request)
    {
        var asked = request.IncludesAll || request.Included[column.Tag] is not null || request.Matched.Contains(column.Tag)
            || (column is RequestsColumn && IndexedAttributes.All.Any(attribute => attribute.Sequence == column.Tag && request.Matched.Contains(attribute.Tag)));
        var byDefault = column.Presence != Presence.WhenAsked && (ResultColumns.OfEveryResult.Contains(column.Tag) || IsDefaultLevel(column.Level, request.Resource));
        return asked || byDefault ? new PlannedColumn(column, OmitEmpty: column.Presence == Presence.WhenKnown && !asked) : null;
    }

    // The result's own level, and what is above it as far as the path does not say it (PS3.18 10.6.3.3).
    private static bool IsDefaultLevel(QueryLevel level, QidoResource resource) =>
        level == resource.Level
        || (level == QueryLevel.Study && resource.StudyUid is null)
        || (level == QueryLevel.Series && resource.SeriesUid is null);

    private static IncludeTree MakeEverything()
    {
        var tree = new IncludeTree();
        tree.Add([]);
        return tree;
    }
}

/// <summary>A column in an answer.</summary>
internal sealed record PlannedColumn(ResultColumn Column, bool OmitEmpty);
