using System.Globalization;

namespace VnaCloud.Dimse;

/// <summary>Status (0000,0900) of a response (PS3.7 Annex C; service classes' own values in PS3.4).</summary>
/// <param name="Code">The value.</param>
public readonly record struct DimseStatus(ushort Code)
{
    /// <summary>0000H.</summary>
    public static DimseStatus Success => new(0x0000);

    /// <summary>FF00H: more is to come.</summary>
    public static DimseStatus Pending => new(0xFF00);

    /// <summary>FF01H: more is to come, and an optional key was not supported (PS3.4 C.4.1.1.4).</summary>
    public static DimseStatus PendingWithUnsupportedKeys => new(0xFF01);

    /// <summary>FE00H: ended by C-CANCEL.</summary>
    public static DimseStatus Cancel => new(0xFE00);

    /// <summary>0105H: an attribute that the SOP instance does not have.</summary>
    public static DimseStatus NoSuchAttribute => new(0x0105);

    /// <summary>0106H.</summary>
    public static DimseStatus InvalidAttributeValue => new(0x0106);

    /// <summary>0110H.</summary>
    public static DimseStatus ProcessingFailure => new(0x0110);

    /// <summary>0111H.</summary>
    public static DimseStatus DuplicateSopInstance => new(0x0111);

    /// <summary>0112H.</summary>
    public static DimseStatus NoSuchSopInstance => new(0x0112);

    /// <summary>0113H.</summary>
    public static DimseStatus NoSuchEventType => new(0x0113);

    /// <summary>0115H.</summary>
    public static DimseStatus InvalidArgumentValue => new(0x0115);

    /// <summary>0117H.</summary>
    public static DimseStatus InvalidSopInstance => new(0x0117);

    /// <summary>0118H.</summary>
    public static DimseStatus NoSuchSopClass => new(0x0118);

    /// <summary>0119H.</summary>
    public static DimseStatus ClassInstanceConflict => new(0x0119);

    /// <summary>0120H.</summary>
    public static DimseStatus MissingAttribute => new(0x0120);

    /// <summary>0122H.</summary>
    public static DimseStatus SopClassNotSupported => new(0x0122);

    /// <summary>0123H.</summary>
    public static DimseStatus NoSuchActionType => new(0x0123);

    /// <summary>0124H.</summary>
    public static DimseStatus NotAuthorized => new(0x0124);

    /// <summary>0210H: another operation with this Message ID is under way.</summary>
    public static DimseStatus DuplicateInvocation => new(0x0210);

    /// <summary>0211H.</summary>
    public static DimseStatus UnrecognizedOperation => new(0x0211);

    /// <summary>0212H.</summary>
    public static DimseStatus MistypedArgument => new(0x0212);

    /// <summary>0213H.</summary>
    public static DimseStatus ResourceLimitation => new(0x0213);

    /// <summary>A700H of C-STORE and C-FIND.</summary>
    public static DimseStatus OutOfResources => new(0xA700);

    /// <summary>A701H of C-MOVE and C-GET: the number of matches cannot be calculated.</summary>
    public static DimseStatus CannotCalculateMatches => new(0xA701);

    /// <summary>A702H of C-MOVE and C-GET: sub-operations cannot be performed.</summary>
    public static DimseStatus CannotPerformSubOperations => new(0xA702);

    /// <summary>A801H of C-MOVE.</summary>
    public static DimseStatus MoveDestinationUnknown => new(0xA801);

    /// <summary>A900H: data set (or identifier) does not match the SOP class.</summary>
    public static DimseStatus DataSetDoesNotMatchSopClass => new(0xA900);

    /// <summary>B000H: C-STORE, coercion; C-MOVE and C-GET, some sub-operations failed or warned.</summary>
    public static DimseStatus CoercionOrSubOperationsFailed => new(0xB000);

    /// <summary>B006H of C-STORE: elements discarded (PS3.4 Table B.2-1).</summary>
    public static DimseStatus ElementsDiscarded => new(0xB006);

    /// <summary>B007H of C-STORE: data set does not match SOP class (PS3.4 Table B.2-1).</summary>
    public static DimseStatus DataSetMismatchWarning => new(0xB007);

    /// <summary>C000H: cannot understand, unable to process.</summary>
    public static DimseStatus CannotUnderstand => new(0xC000);

    /// <summary>0000H.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>FF00H or FF01H.</summary>
    public bool IsPending => Code is 0xFF00 or 0xFF01;

    /// <summary>FE00H.</summary>
    public bool IsCancel => Code == 0xFE00;

    /// <summary>0001H, 0107H, 0116H or BxxxH (PS3.7 section C.2).</summary>
    public bool IsWarning => Code is 0x0001 or 0x0107 or 0x0116 || Code >> 12 == 0xB;

    /// <summary>None of the others.</summary>
    public bool IsFailure => !IsSuccess && !IsPending && !IsCancel && !IsWarning;

    /// <summary>Four hexadecimal digits and an H.</summary>
    public override string ToString() => Code.ToString("X4", CultureInfo.InvariantCulture) + "H";
}
