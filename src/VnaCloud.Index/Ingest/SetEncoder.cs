using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>Encodes attribute sets; slices of one series come one after the other and say the same, so the last one is kept.</summary>
internal sealed class SetEncoder
{
    private AttributeSet? _last;
    private long _id;
    private byte[] _json = [];

    public (long Id, byte[] Json) Encode(PackMember member)
    {
        if (_last is null || !_last.Says(member.Study, member.Series))
        {
            _last = new AttributeSet(member.Study, member.Series);
            _json = _last.ToJson();
            _id = AttributeSet.IdOf(_json);
        }
        return (_id, _json);
    }
}
