namespace VnaCloud.Gateway.Spool;

/// <summary>What the association and the C-STORE request say of an object before its first byte.</summary>
/// <param name="CallingAe">AE title of the sender.</param>
/// <param name="CalledAe">The AE title that it called.</param>
/// <param name="SopClassUid">Affected SOP Class UID (0000,0002).</param>
/// <param name="SopInstanceUid">Affected SOP Instance UID (0000,1000).</param>
/// <param name="TransferSyntaxUid">Of the presentation context.</param>
internal sealed record ReceivedFrom(string CallingAe, string CalledAe, string SopClassUid, string SopInstanceUid, string TransferSyntaxUid)
{
    /// <summary>Where the connection came from, for logs.</summary>
    public string Peer { get; init; } = "";
}

/// <summary>What became of a received object; each has one C-STORE status (PS3.4 B.2.3, PS3.7 C).</summary>
internal enum ReceiveState
{
    /// <summary>0000H: on the disk, by its name, and will be forwarded.</summary>
    Stored,

    /// <summary>A700H: no room, or the disk failed; the same may be sent again later.</summary>
    OutOfResources,

    /// <summary>A900H: the data set is another instance, or of another class, than the request says.</summary>
    DataSetMismatch,

    /// <summary>C000H: cannot be read to its end, or lacks what identifies it.</summary>
    CannotUnderstand,
}

/// <summary>The answer to a C-STORE.</summary>
/// <param name="State">Stored or why not.</param>
/// <param name="Receipt">Names what was received, in logs and towards the archive.</param>
/// <param name="Comment">For Error Comment (0000,0902): 64 characters at most, without patient data.</param>
internal sealed record ReceiveOutcome(ReceiveState State, Receipt Receipt, string Comment = "")
{
    private const int LongestComment = 64;

    /// <summary>Status (0000,0900).</summary>
    public ushort DimseStatus => State switch
    {
        ReceiveState.Stored => 0x0000,
        ReceiveState.OutOfResources => 0xA700,
        ReceiveState.DataSetMismatch => 0xA900,
        _ => 0xC000,
    };

    public string Comment { get; } = Comment.Length <= LongestComment ? Comment : Comment[..LongestComment];
}
