using System.Buffers.Binary;

namespace VnaCloud.Dimse;

/// <summary>A message whose command set has come; its data set is read by its consumer.</summary>
internal sealed record IncomingMessage(PresentationContext Context, CommandSet Command, DataSetStream? Data);

/// <summary>
/// Puts messages together out of P-DATA-TF (PS3.8 section 9.3.5 and Annex E): command fragments are held, data set fragments are handed on
/// when they are asked for. Nothing is allocated from a declared length.
/// </summary>
internal sealed class MessageReader(UpperLayer upper, ReceiveBuffer buffer, PduLimits limits)
{
    private const int PduHeader = 6;
    private const int PdvHeader = 6;
    private byte[] _command = [];
    private int _pduLeft;
    private int _pdvLeft;
    private bool _isLast;

    /// <summary>The contexts that were agreed on.</summary>
    public required Func<byte, PresentationContext?> ContextOf { get; init; }

    /// <summary>Waits for the first byte of a PDU between messages; false at the end.</summary>
    public required Func<ValueTask<bool>> WaitForPdu { get; init; }

    /// <summary>Acts on a PDU that is no P-DATA-TF; false when the association is over.</summary>
    public required Func<PduType, int, ValueTask<bool>> OtherPdu { get; init; }

    /// <summary>The next message; null at the end of the association. The data set of the one before must have been read.</summary>
    public async ValueTask<IncomingMessage?> NextAsync()
    {
        var length = 0;
        PresentationContext? context = null;
        while (await NextPdvAsync(isBetween: context is null) is { } pdv)
        {
            if (!pdv.IsCommand)
            {
                throw new PduFormatException(PduFault.UnexpectedParameter, "Data set fragments without a command before them");
            }
            context = Same(context, pdv);
            if (_pdvLeft > limits.CommandSet - length)
            {
                throw new PduFormatException(PduFault.InvalidParameter, "A command set past the limit");
            }
            length = await TakeCommandAsync(length);
            if (_isLast)
            {
                var command = CommandSet.Parse(_command.AsSpan(0, length), limits);
                return new IncomingMessage(context, command, command.HasDataSet ? new DataSetStream(this, context, limits.DataSet) : null);
            }
        }
        return null;
    }

    /// <summary>Bytes of the data set that is being read, as many as fit and are here; waits for one at least. 0 at its end.</summary>
    public async ValueTask<int> ReadDataAsync(PresentationContext context, Memory<byte> into)
    {
        var count = 0;
        while (count < into.Length && await HasDataAsync(context, mayWait: count == 0))
        {
            var take = Math.Min(Math.Min(into.Length - count, _pdvLeft), buffer.Available);
            buffer.Window[..take].CopyTo(into[count..]);
            Taken(take);
            count += take;
        }
        return count;
    }

    /// <summary>The next bytes of the data set where they lie; empty at its end. <see cref="Taken"/> comes after.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekDataAsync(PresentationContext context) =>
        await HasDataAsync(context, mayWait: true) ? buffer.Window[..Math.Min(_pdvLeft, buffer.Available)] : default;

    public void Taken(int count)
    {
        buffer.Advance(count);
        _pdvLeft -= count;
    }

    /// <summary>The last byte of the data set has been taken.</summary>
    public bool IsDataComplete => _pdvLeft == 0 && _isLast;

    public void BeginData()
    {
        _isLast = false;
        buffer.BeginMessage();
        buffer.Enlarge();
    }

    public void EndData() => buffer.Shrink();

    private async ValueTask<bool> HasDataAsync(PresentationContext context, bool mayWait)
    {
        while (_pdvLeft == 0)
        {
            if (_isLast || (!mayWait && buffer.Available < PduHeader + PdvHeader))
            {
                return false;
            }
            var pdv = await NextPdvAsync(isBetween: false) ?? throw upper.Ended();
            if (pdv.IsCommand)
            {
                throw new PduFormatException(PduFault.UnexpectedParameter, "A command within a data set");
            }
            Same(context, pdv);
        }
        return buffer.Available > 0 || (mayWait && (await buffer.FillAsync(1, upper.Timeouts.Progress) ? true : throw upper.Ended()));
    }

    private async ValueTask<int> TakeCommandAsync(int length)
    {
        while (_pdvLeft > 0)
        {
            if (buffer.Available == 0 && !await buffer.FillAsync(1, upper.Timeouts.Progress))
            {
                throw upper.Ended();
            }
            var take = Math.Min(_pdvLeft, buffer.Available);
            if (length + take > _command.Length)
            {
                Array.Resize(ref _command, Math.Max(length + take, 2 * _command.Length));
            }
            buffer.Window[..take].CopyTo(_command.AsMemory(length));
            Taken(take);
            length += take;
        }
        return length;
    }

    private PresentationContext Same(PresentationContext? context, Pdv pdv)
    {
        if (context is not null && context.Id != pdv.ContextId)
        {
            throw new PduFormatException(PduFault.UnexpectedParameter, "Another message within one that has not ended");
        }
        return ContextOf(pdv.ContextId) ?? throw new PduFormatException(PduFault.InvalidParameter, "A presentation context that was not accepted");
    }

    /// <summary>The next PDV's header; null when the association is over.</summary>
    private async ValueTask<Pdv?> NextPdvAsync(bool isBetween)
    {
        while (_pduLeft == 0)
        {
            if ((isBetween && !await WaitForPdu()) || !await buffer.EnsureAsync(PduHeader, upper.Timeouts.Progress))
            {
                return isBetween && buffer.Available == 0 ? null : throw upper.Ended();
            }
            var (type, length) = Header(buffer.Window.Span, limits);
            buffer.Advance(PduHeader);
            if (type != PduType.Data)
            {
                if (!isBetween && type != PduType.Abort)
                {
                    throw new PduFormatException(PduFault.UnexpectedPdu, "Another PDU within a message");
                }
                if (!await OtherPdu(type, length))
                {
                    return null;
                }
            }
            else if ((await upper.FireAsync(UpperLayerEvent.DataPdu))?.Has(UpperLayerEffect.IndicateData) == true)
            {
                _pduLeft = length;
            }
            else
            {
                return null;
            }
        }
        return await PdvHeaderAsync();
    }

    private async ValueTask<Pdv> PdvHeaderAsync()
    {
        if (_pduLeft < PdvHeader)
        {
            throw new PduFormatException(PduFault.InvalidParameter, "A P-DATA-TF with less than a PDV's header in it");
        }
        if (!await buffer.EnsureAsync(PdvHeader, upper.Timeouts.Progress))
        {
            throw upper.Ended();
        }
        var pdv = Pdv.Parse(buffer.Window.Span, _pduLeft);
        buffer.Advance(PdvHeader);
        (_pdvLeft, _isLast) = (pdv.Length, pdv.IsLast);
        _pduLeft -= PdvHeader + pdv.Length;
        return pdv;
    }

    /// <summary>Type and length of a PDU, the length within what its type allows.</summary>
    internal static (PduType Type, int Length) Header(ReadOnlySpan<byte> header, PduLimits limits)
    {
        var type = (PduType)header[0];
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[2..]);
        var isAllowed = type switch
        {
            PduType.AssociateRequest or PduType.AssociateAccept => length <= limits.AssociatePdu,
            PduType.Data => length >= PdvHeader && length <= limits.DataPdu,
            PduType.AssociateReject or PduType.ReleaseRequest or PduType.ReleaseResponse or PduType.Abort => length == 4,
            _ => throw new PduFormatException(PduFault.UnrecognizedPdu, "No PDU of the DICOM upper layer"),
        };
        return isAllowed ? (type, (int)length) : throw new PduFormatException(PduFault.InvalidParameter, "A PDU whose length is not allowed");
    }
}

/// <summary>Header of a Presentation Data Value (PS3.8 sections 9.3.5.1 and E.2).</summary>
/// <param name="ContextId">The presentation context.</param>
/// <param name="IsCommand">A fragment of a command set, else of a data set.</param>
/// <param name="IsLast">The last fragment of it.</param>
/// <param name="Length">Bytes of the fragment.</param>
internal readonly record struct Pdv(byte ContextId, bool IsCommand, bool IsLast, int Length)
{
    /// <summary>Reads six bytes; the PDV must end within its PDU.</summary>
    public static Pdv Parse(ReadOnlySpan<byte> header, int pduLeft)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        return length >= 2 && length <= pduLeft - 4
            ? new Pdv(header[4], (header[5] & 1) != 0, (header[5] & 2) != 0, (int)length - 2)
            : throw new PduFormatException(PduFault.InvalidParameter, "A PDV whose length is not allowed");
    }
}
