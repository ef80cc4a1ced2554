using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

public sealed partial class DimseAssociation
{
    /// <summary>Verification SOP Class.</summary>
    public const string Verification = "1.2.840.10008.1.1";

    /// <summary>C-ECHO (PS3.7 section 9.1.5).</summary>
    /// <exception cref="AssociationException">The association ended before the response.</exception>
    /// <exception cref="InvalidOperationException">No context for Verification was accepted.</exception>
    public Task<DimseResponse> EchoAsync(CancellationToken cancellation = default) =>
        FinalAsync(RequireContext(Verification), Command(CommandField.CEchoRequest).With(DicomTags.AffectedSOPClassUID, Verification), null, cancellation);

    /// <summary>
    /// C-STORE (PS3.7 section 9.1.1). Calls may overlap: so many as the asynchronous operations window allows are under way, the others wait.
    /// </summary>
    /// <param name="context">The context; its transfer syntax is that of the data set. See <see cref="FindContext"/>.</param>
    /// <param name="instance">What is stored.</param>
    /// <param name="dataSet">The data set without File Meta Information, read to its end. When it fails or is cancelled half way the association is aborted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="AssociationException">The association ended before the response.</exception>
    public Task<DimseResponse> StoreAsync(PresentationContext context, StoreInstance instance, Stream dataSet, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(dataSet);
        var command = Command(CommandField.CStoreRequest)
            .With(DicomTags.AffectedSOPClassUID, instance.SopClassUid)
            .With(DicomTags.Priority, instance.Priority)
            .With(DicomTags.AffectedSOPInstanceUID, instance.SopInstanceUid)
            .With(DicomTags.MoveOriginatorApplicationEntityTitle, instance.MoveOriginator?.AeTitle ?? "", ' ')
            .With(DicomTags.MoveOriginatorMessageID, instance.MoveOriginator?.MessageId);
        return FinalAsync(context, command, dataSet, cancellation);
    }

    /// <summary>C-FIND (PS3.7 section 9.1.2): matches as pending responses, then the final one.</summary>
    /// <param name="sopClassUid">The information model, or worklist.</param>
    /// <param name="identifier">Level and keys (PS3.4 section C.4.1.1.3).</param>
    /// <param name="cancellation">Sends C-CANCEL; so does leaving the loop.</param>
    /// <exception cref="AssociationException">The association ended before the final response.</exception>
    public IAsyncEnumerable<DimseResponse> FindAsync(string sopClassUid, DicomDataSet identifier, CancellationToken cancellation = default) =>
        ManyAsync(RequireContext(sopClassUid), Priority(CommandField.CFindRequest, sopClassUid), identifier, cancellation);

    /// <summary>C-MOVE (PS3.7 section 9.1.4): numbers of sub-operations as pending responses, then the final one.</summary>
    /// <param name="sopClassUid">The information model.</param>
    /// <param name="destination">AE title that the peer sends to.</param>
    /// <param name="identifier">Level and unique keys (PS3.4 section C.4.2.1.4).</param>
    /// <param name="cancellation">Sends C-CANCEL; so does leaving the loop.</param>
    public IAsyncEnumerable<DimseResponse> MoveAsync(string sopClassUid, string destination, DicomDataSet identifier, CancellationToken cancellation = default) =>
        ManyAsync(RequireContext(sopClassUid), Priority(CommandField.CMoveRequest, sopClassUid).With(DicomTags.MoveDestination, destination, ' '), identifier, cancellation);

    /// <summary>
    /// C-GET (PS3.7 section 9.1.3): as <see cref="MoveAsync"/>; the instances come as C-STORE to the handler in <see cref="DimseConnectOptions"/>, in
    /// contexts for which the SCP role was accepted.
    /// </summary>
    /// <param name="sopClassUid">The information model.</param>
    /// <param name="identifier">Level and unique keys (PS3.4 section C.4.3.1.3).</param>
    /// <param name="cancellation">Sends C-CANCEL; so does leaving the loop.</param>
    public IAsyncEnumerable<DimseResponse> GetAsync(string sopClassUid, DicomDataSet identifier, CancellationToken cancellation = default) =>
        ManyAsync(RequireContext(sopClassUid), Priority(CommandField.CGetRequest, sopClassUid), identifier, cancellation);

    /// <summary>N-EVENT-REPORT (PS3.7 section 10.1.1).</summary>
    public Task<DimseResponse> EventReportAsync(SopInstance instance, ushort eventType, DicomDataSet? information, CancellationToken cancellation = default) =>
        NormalizedAsync(CommandField.NEventReportRequest, instance, information, command => command.With(DicomTags.EventTypeID, eventType), cancellation);

    /// <summary>N-GET (PS3.7 section 10.1.2); no attributes asks for all.</summary>
    public Task<DimseResponse> GetAttributesAsync(SopInstance instance, IReadOnlyList<DicomTag> attributes, CancellationToken cancellation = default) =>
        NormalizedAsync(CommandField.NGetRequest, instance, null, command => command.With(DicomTags.AttributeIdentifierList, attributes), cancellation);

    /// <summary>N-SET (PS3.7 section 10.1.3).</summary>
    public Task<DimseResponse> SetAttributesAsync(SopInstance instance, DicomDataSet modifications, CancellationToken cancellation = default) =>
        NormalizedAsync(CommandField.NSetRequest, instance, modifications, command => command, cancellation);

    /// <summary>N-ACTION (PS3.7 section 10.1.4).</summary>
    public Task<DimseResponse> ActionAsync(SopInstance instance, ushort actionType, DicomDataSet? information, CancellationToken cancellation = default) =>
        NormalizedAsync(CommandField.NActionRequest, instance, information, command => command.With(DicomTags.ActionTypeID, actionType), cancellation);

    /// <summary>N-CREATE (PS3.7 section 10.1.5); an empty instance UID leaves it to the peer.</summary>
    public Task<DimseResponse> CreateAsync(SopInstance instance, DicomDataSet? attributes, CancellationToken cancellation = default) =>
        NormalizedAsync(CommandField.NCreateRequest, instance, attributes, command => command, cancellation);

    /// <summary>N-DELETE (PS3.7 section 10.1.6).</summary>
    public Task<DimseResponse> DeleteAsync(SopInstance instance, CancellationToken cancellation = default) =>
        NormalizedAsync(CommandField.NDeleteRequest, instance, null, command => command, cancellation);

    private Task<DimseResponse> NormalizedAsync(CommandField field, SopInstance instance, DicomDataSet? data, Func<CommandSet, CommandSet> add, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(instance);
        // PS3.7 Annex E: those that make or report an instance affect it, the others request it.
        var isAffected = field is CommandField.NEventReportRequest or CommandField.NCreateRequest;
        var command = Command(field)
            .With(isAffected ? DicomTags.AffectedSOPClassUID : DicomTags.RequestedSOPClassUID, instance.SopClassUid)
            .With(isAffected ? DicomTags.AffectedSOPInstanceUID : DicomTags.RequestedSOPInstanceUID, instance.SopInstanceUid);
        var abstractSyntax = instance.ContextSopClassUid ?? instance.SopClassUid;
        var context = field == CommandField.NEventReportRequest ? RequireContextForEvents(abstractSyntax) : RequireContext(abstractSyntax);
        var stream = data is null ? null : new MemoryStream(DimseDataSets.Encode(data, context.TransferSyntax));
        return FinalAsync(context, add(command), stream, cancellation);
    }

    private static CommandSet Command(CommandField field) => new CommandSet().With(DicomTags.CommandField, (ushort)field);

    private static CommandSet Priority(CommandField field, string sopClassUid) =>
        Command(field).With(DicomTags.AffectedSOPClassUID, sopClassUid).With(DicomTags.Priority, (ushort)0);
}

/// <summary>What a C-STORE stores.</summary>
/// <param name="SopClassUid">Affected SOP Class UID.</param>
/// <param name="SopInstanceUid">Affected SOP Instance UID.</param>
public sealed record StoreInstance(string SopClassUid, string SopInstanceUid)
{
    /// <summary>Of a sub-operation of C-MOVE: who asked for it.</summary>
    public MoveOriginator? MoveOriginator { get; init; }

    /// <summary>0 medium, 1 high, 2 low.</summary>
    public ushort Priority { get; init; }
}

/// <summary>What an N-operation is about.</summary>
/// <param name="SopClassUid">SOP class.</param>
/// <param name="SopInstanceUid">SOP instance.</param>
/// <param name="ContextSopClassUid">Abstract syntax of the context where that is another one, of a meta SOP class or of UPS (PS3.4 CC.3.1).</param>
public sealed record SopInstance(string SopClassUid, string SopInstanceUid, string? ContextSopClassUid = null);
