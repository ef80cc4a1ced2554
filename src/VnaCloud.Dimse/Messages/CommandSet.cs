using System.Buffers.Binary;
using System.Text;
using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>A command set: elements of group 0000 in implicit VR little endian (PS3.7 section 6.3.1 and Annex E).</summary>
public sealed class CommandSet
{
    /// <summary>Command Data Set Type (0000,0800) of a message without data set.</summary>
    internal const ushort NoDataSet = 0x0101;

    private readonly SortedList<ushort, byte[]> _elements = [];

    /// <summary>Command Field (0000,0100).</summary>
    public CommandField Field => (CommandField)(Number(DicomTags.CommandField) ?? 0);

    /// <summary>A data set follows: Command Data Set Type (0000,0800).</summary>
    public bool HasDataSet => Number(DicomTags.CommandDataSetType) != NoDataSet;

    /// <summary>The upper bit of the command field tells responses.</summary>
    public bool IsResponse => ((ushort)Field & 0x8000) != 0;

    /// <summary>Message ID (0000,0110), of requests.</summary>
    public ushort MessageId => Number(DicomTags.MessageID) ?? 0;

    /// <summary>Message ID Being Responded To (0000,0120), of responses and C-CANCEL.</summary>
    public ushort RespondedTo => Number(DicomTags.MessageIDBeingRespondedTo) ?? 0;

    /// <summary>Status (0000,0900), of responses.</summary>
    public DimseStatus Status => new(Number(DicomTags.Status) ?? 0);

    /// <summary>Affected SOP Class UID (0000,0002), or of N-GET, N-SET, N-ACTION and N-DELETE the requested one (0000,0003); "" when missing.</summary>
    public string SopClassUid => Text(DicomTags.AffectedSOPClassUID) is { Length: > 0 } uid ? uid : Text(DicomTags.RequestedSOPClassUID);

    /// <summary>Affected SOP Instance UID (0000,1000), or the requested one (0000,1001); "" when missing.</summary>
    public string SopInstanceUid => Text(DicomTags.AffectedSOPInstanceUID) is { Length: > 0 } uid ? uid : Text(DicomTags.RequestedSOPInstanceUID);

    /// <summary>Priority (0000,0700): 0 medium, 1 high, 2 low.</summary>
    public ushort Priority => Number(DicomTags.Priority) ?? 0;

    /// <summary>Move Destination (0000,0600) of C-MOVE.</summary>
    public string MoveDestination => Text(DicomTags.MoveDestination);

    /// <summary>Event Type ID (0000,1002) of N-EVENT-REPORT or Action Type ID (0000,1008) of N-ACTION.</summary>
    public ushort? TypeId => Number(DicomTags.EventTypeID) ?? Number(DicomTags.ActionTypeID);

    /// <summary>Who moves, of a C-STORE that is a sub-operation of C-MOVE: (0000,1030) and (0000,1031).</summary>
    public MoveOriginator? MoveOriginator =>
        Text(DicomTags.MoveOriginatorApplicationEntityTitle) is { Length: > 0 } title ? new(title, Number(DicomTags.MoveOriginatorMessageID) ?? 0) : null;

    /// <summary>Error Comment (0000,0902); "" when missing.</summary>
    public string ErrorComment => Text(DicomTags.ErrorComment);

    /// <summary>Numbers of sub-operations (0000,1020) to (0000,1023); null when none is there.</summary>
    public SubOperations? SubOperations =>
        Number(DicomTags.NumberOfRemainingSuboperations) is null && Number(DicomTags.NumberOfCompletedSuboperations) is null
            ? null
            : new(Number(DicomTags.NumberOfRemainingSuboperations), Number(DicomTags.NumberOfCompletedSuboperations) ?? 0,
                Number(DicomTags.NumberOfFailedSuboperations) ?? 0, Number(DicomTags.NumberOfWarningSuboperations) ?? 0);

    /// <summary>A US value; null when missing, empty or too short.</summary>
    public ushort? Number(DicomTag tag) =>
        _elements.TryGetValue(tag.Element, out var value) && value.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : null;

    /// <summary>A text value without the spaces and NULs around it; "" when missing.</summary>
    public string Text(DicomTag tag) => _elements.TryGetValue(tag.Element, out var value) ? Encoding.Latin1.GetString(value).Trim(' ', '\0') : "";

    /// <summary>A list of tags (AT), as N-GET has it in (0000,1005); empty when missing.</summary>
    public IReadOnlyList<DicomTag> Tags(DicomTag tag)
    {
        var value = _elements.TryGetValue(tag.Element, out var bytes) ? bytes : [];
        return [.. Enumerable.Range(0, value.Length / 4).Select(i =>
            new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(4 * i)), BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(4 * i + 2))))];
    }

    internal CommandSet With(DicomTag tag, ushort? value)
    {
        if (value is { } number)
        {
            var bytes = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, number);
            _elements[tag.Element] = bytes;
        }
        return this;
    }

    /// <summary>Sets a list of tags (AT); nothing for an empty one.</summary>
    internal CommandSet With(DicomTag tag, IReadOnlyList<DicomTag> values)
    {
        if (values.Count > 0)
        {
            var bytes = new byte[4 * values.Count];
            for (var i = 0; i < values.Count; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4 * i), values[i].Group);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4 * i + 2), values[i].Element);
            }
            _elements[tag.Element] = bytes;
        }
        return this;
    }

    /// <summary>Sets a text of even length; nothing for an empty one.</summary>
    internal CommandSet With(DicomTag tag, string value, char padding = '\0')
    {
        if (value.Length > 0)
        {
            _elements[tag.Element] = Encoding.Latin1.GetBytes(value.Length % 2 == 0 ? value : value + padding);
        }
        return this;
    }

    /// <summary>Reads the bytes of a whole command set.</summary>
    /// <exception cref="PduFormatException">They are none.</exception>
    internal static CommandSet Parse(ReadOnlySpan<byte> bytes, PduLimits limits)
    {
        var command = new CommandSet();
        while (bytes.Length > 0)
        {
            if (bytes.Length < 8 || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != 0)
            {
                throw new PduFormatException(PduFault.InvalidParameter, "A command set with something else than elements of group 0000");
            }
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (length > bytes.Length - 8)
            {
                throw new PduFormatException(PduFault.InvalidParameter, "An element reaches past the end of its command set");
            }
            if (command._elements.Count == limits.CommandElements || !command._elements.TryAdd(BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]), bytes.Slice(8, (int)length).ToArray()))
            {
                throw new PduFormatException(PduFault.InvalidParameter, "A command set with too many elements, or one twice");
            }
            bytes = bytes[(8 + (int)length)..];
        }
        return command.Require();
    }

    /// <summary>The bytes, led by the group length.</summary>
    internal byte[] ToArray()
    {
        var elements = _elements.Where(element => element.Key != 0).ToList();
        var length = elements.Sum(element => 8 + element.Value.Length);
        var bytes = new byte[12 + length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), 4);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), length);
        var at = 12;
        foreach (var (element, value) in elements)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 2), element);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 4), value.Length);
            value.CopyTo(bytes, at + 8);
            at += 8 + value.Length;
        }
        return bytes;
    }

    private CommandSet Require()
    {
        var id = IsResponse || Field == CommandField.CCancelRequest ? DicomTags.MessageIDBeingRespondedTo : DicomTags.MessageID;
        return Number(DicomTags.CommandField) is not null && Number(DicomTags.CommandDataSetType) is not null && Number(id) is not null && (!IsResponse || Number(DicomTags.Status) is not null)
            ? this
            : throw new PduFormatException(PduFault.InvalidParameter, "A command set without command field, message ID, data set type or status");
    }
}

/// <summary>Who asked for the C-MOVE that a C-STORE is part of (PS3.7 section 9.1.1.1).</summary>
/// <param name="AeTitle">Its AE title.</param>
/// <param name="MessageId">Message ID of its C-MOVE.</param>
public sealed record MoveOriginator(string AeTitle, ushort MessageId);

/// <summary>Numbers of sub-operations of C-MOVE and C-GET (PS3.7 sections 9.1.3 and 9.1.4).</summary>
/// <param name="Remaining">In pending responses and after a cancel; null leaves it out.</param>
/// <param name="Completed">Without failure or warning.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Warning">With a warning.</param>
public sealed record SubOperations(ushort? Remaining, ushort Completed, ushort Failed, ushort Warning);
