using System.Buffers;
using System.Buffers.Binary;

namespace VnaCloud.Dimse;

/// <summary>
/// Sends messages whole, one after the other (PS3.8 section 9.3.5): a PDV for each PDU, command and data set in PDUs of their own, none
/// longer than the peer takes. Several PDUs go to the socket in one write; a data set is read into where it is sent from.
/// </summary>
internal sealed class MessageWriter
{
    /// <summary>Smallest maximum that leaves room for two bytes in a PDV.</summary>
    public const int SmallestPdu = 8;

    private const int Headers = 12;
    private const int Batch = 256 * 1024;
    private readonly UpperLayer _upper;
    private readonly int _fragment;

    /// <summary>Knows how much the peer takes.</summary>
    /// <param name="upper">The connection.</param>
    /// <param name="peerMaxPdu">What the peer said; 0 is without limit.</param>
    /// <param name="ownMaxPdu">This side's own limit for that.</param>
    public MessageWriter(UpperLayer upper, uint peerMaxPdu, int ownMaxPdu)
    {
        _upper = upper;
        var pdu = peerMaxPdu == 0 ? ownMaxPdu : (int)Math.Min(peerMaxPdu, (uint)ownMaxPdu);
        // Fragments have an even length.
        _fragment = (Math.Max(pdu, SmallestPdu) - (Headers - 6)) & ~1;
    }

    /// <summary>Sends a message.</summary>
    /// <remarks>Where <paramref name="data"/> fails or is cancelled half way the association is aborted.</remarks>
    /// <exception cref="AssociationException">The association has ended.</exception>
    public async ValueTask SendAsync(byte contextId, CommandSet command, Stream? data, CancellationToken cancellation)
    {
        var bytes = command.ToArray();
        await _upper.Message.WaitAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(data is null ? Headers + bytes.Length : Math.Max(Batch, Headers + _fragment + 1));
        var batch = new PduBatch(_upper, buffer, contextId);
        try
        {
            await WriteCommandAsync(batch, bytes);
            if (data is not null)
            {
                await WriteDataAsync(batch, data, cancellation);
            }
            await batch.FlushAsync();
        }
        catch (Exception error) when (error is not AssociationException && batch.HasSent)
        {
            // A part of a message cannot be taken back.
            _upper.Note(new AssociationEnd(AssociationEndCause.AbortedLocally, "A data set could not be sent to its end.") { Abort = AbortPdu.ByUser });
            await _upper.FireAsync(UpperLayerEvent.AbortPrimitive);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _upper.Message.Release();
        }
    }

    private async ValueTask WriteCommandAsync(PduBatch batch, byte[] command)
    {
        for (var at = 0; at < command.Length; at += _fragment)
        {
            var length = Math.Min(_fragment, command.Length - at);
            command.AsMemory(at, length).CopyTo(await batch.RoomAsync(length));
            batch.Add(length, isCommand: true, isLast: at + length == command.Length);
        }
    }

    // One byte more than fits is read, to know which fragment is the last one.
    private async ValueTask WriteDataAsync(PduBatch batch, Stream data, CancellationToken cancellation)
    {
        byte? carried = null;
        bool isLast;
        do
        {
            var room = await batch.RoomAsync(_fragment + 1);
            var count = 0;
            if (carried is { } first)
            {
                room.Span[0] = first;
                count = 1;
            }
            count += await data.ReadAtLeastAsync(room[count..], room.Length - count, throwOnEndOfStream: false, cancellation);
            isLast = count <= _fragment;
            carried = isLast ? null : room.Span[_fragment];
            batch.Add(Math.Min(count, _fragment), isCommand: false, isLast);
        }
        while (!isLast);
    }

    /// <summary>PDUs that are put into one buffer until they go out.</summary>
    private sealed class PduBatch(UpperLayer upper, byte[] buffer, byte contextId)
    {
        private int _length;

        /// <summary>Something has gone out.</summary>
        public bool HasSent { get; private set; }

        /// <summary>Where the next fragment goes, behind its headers.</summary>
        public async ValueTask<Memory<byte>> RoomAsync(int count)
        {
            if (buffer.Length - _length < Headers + count)
            {
                await FlushAsync();
            }
            return buffer.AsMemory(_length + Headers, count);
        }

        public void Add(int count, bool isCommand, bool isLast)
        {
            var header = buffer.AsSpan(_length, Headers);
            header[0] = (byte)PduType.Data;
            header[1] = 0;
            BinaryPrimitives.WriteInt32BigEndian(header[2..], count + 6);
            BinaryPrimitives.WriteInt32BigEndian(header[6..], count + 2);
            header[10] = contextId;
            header[11] = (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));
            _length += Headers + count;
        }

        public async ValueTask FlushAsync()
        {
            if (_length > 0)
            {
                HasSent = true;
                await upper.SendDataAsync(buffer.AsMemory(0, _length));
                _length = 0;
            }
        }
    }
}
