namespace VnaCloud.Dimse;

/// <summary>The bytes are not what PS3.7 or PS3.8 allow, or are past a named limit. The only exception that parsing throws for content.</summary>
public sealed class PduFormatException : Exception
{
    /// <summary>Names what is wrong.</summary>
    /// <param name="fault">The kind of fault; its number is the reason that A-ABORT gives (PS3.8 Table 9-26).</param>
    /// <param name="message">One sentence without patient data.</param>
    public PduFormatException(PduFault fault, string message) : base(message) => Fault = fault;

    /// <summary>The kind of fault.</summary>
    public PduFault Fault { get; }
}

/// <summary>Kinds of fault, numbered as the reasons of A-ABORT with source 2 (PS3.8 Table 9-26).</summary>
public enum PduFault
{
    /// <summary>No reason is given.</summary>
    Unspecified = 0,

    /// <summary>The first byte is no PDU type.</summary>
    UnrecognizedPdu = 1,

    /// <summary>A PDU that has no place here.</summary>
    UnexpectedPdu = 2,

    /// <summary>A parameter that is not known.</summary>
    UnrecognizedParameter = 4,

    /// <summary>A parameter that has no place here.</summary>
    UnexpectedParameter = 5,

    /// <summary>A parameter whose value is not allowed, or past a limit.</summary>
    InvalidParameter = 6,
}
