using VnaCloud.Archive;

namespace VnaCloud.Index.Query;

/// <summary>The criteria of a search by the entity that they are about.</summary>
internal sealed class CriteriaSplit
{
    public CriteriaSplit(IReadOnlyList<Criterion> criteria)
    {
        foreach (var criterion in criteria)
        {
            var attribute = IndexedAttributes.Find(criterion.Attribute)
                ?? throw new ArgumentException($"{criterion.Attribute} is not indexed.", nameof(criteria));
            (attribute switch
            {
                { Sequence.Value: not 0 } => Requests,
                { Level: QueryLevel.Study } => Study,
                { Level: QueryLevel.Series } => Series,
                _ => Instance,
            }).Add(criterion);
        }
    }

    public List<Criterion> Study { get; } = [];

    public List<Criterion> Series { get; } = [];

    /// <summary>About items of Request Attributes Sequence: all must hold for one item (PS3.4 C.2.2.2.6).</summary>
    public List<Criterion> Requests { get; } = [];

    public List<Criterion> Instance { get; } = [];

    public bool HasSeriesOrBelow => Series.Count + Requests.Count + Instance.Count > 0;
}
