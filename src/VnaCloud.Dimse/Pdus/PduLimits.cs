namespace VnaCloud.Dimse;

/// <summary>Limits on what untrusted bytes may ask of the upper layer. A passed limit is a <see cref="PduFormatException"/>, and A-ABORT.</summary>
public sealed record PduLimits
{
    /// <summary>The defaults.</summary>
    public static readonly PduLimits Default = new();

    /// <summary>Most contexts that odd identifiers of one byte allow (PS3.8 section 9.3.2.2).</summary>
    public const int Contexts = 128;

    /// <summary>Bytes of A-ASSOCIATE-RQ or -AC; 256 KiB. Room for them is made as they come.</summary>
    public int AssociatePdu { get; init; } = 256 * 1024;

    /// <summary>Transfer syntaxes of one context; 256.</summary>
    public int TransferSyntaxes { get; init; } = 256;

    /// <summary>Items of user information; 1,024.</summary>
    public int UserItems { get; init; } = 1024;

    /// <summary>Bytes of P-DATA-TF, whatever was advertised: there are peers that pass the maximum that was agreed on; 1 MiB.</summary>
    public int DataPdu { get; init; } = 1024 * 1024;

    /// <summary>Bytes of a command set; 64 KiB.</summary>
    public int CommandSet { get; init; } = 64 * 1024;

    /// <summary>Elements of a command set; 64.</summary>
    public int CommandElements { get; init; } = 64;

    /// <summary>Bytes of a data set that is held: of all messages but C-STORE-RQ; 16 MiB. A longer one is answered with 0213H.</summary>
    public int HeldDataSet { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of a data set; 64 GiB.</summary>
    public long DataSet { get; init; } = 64L * 1024 * 1024 * 1024;
}
