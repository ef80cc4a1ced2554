using VnaCloud.Archive;

namespace VnaCloud.Index.Model;

/// <summary>The order of a <see cref="StudyView"/>: series number, series UID, instance number, SOP UID.</summary>
internal static class ViewOrder
{
    public static int Compare((InstanceEntry Entry, long Order) a, (InstanceEntry Entry, long Order) b, Func<string, long> seriesOrder)
    {
        var (left, right) = (a.Entry.Key, b.Entry.Key);
        if (left.SeriesUid != right.SeriesUid)
        {
            var bySeries = seriesOrder(left.SeriesUid).CompareTo(seriesOrder(right.SeriesUid));
            return bySeries != 0 ? bySeries : string.CompareOrdinal(left.SeriesUid, right.SeriesUid);
        }
        var byNumber = a.Order.CompareTo(b.Order);
        return byNumber != 0 ? byNumber : string.CompareOrdinal(left.SopUid, right.SopUid);
    }
}
