using System.Buffers;

namespace VnaCloud.Imaging;

/// <summary>The LZW of GIF89a (Appendix F): codes from 9 to 12 bits, least significant bit first, in blocks of up to 255 bytes.</summary>
internal ref struct GifCompressor
{
    private const int SampleBits = 8;
    private const int Clear = 1 << SampleBits;
    private const int End = Clear + 1;
    private const int FirstFree = Clear + 2;
    private const int MaxCodeBits = 12;
    private const int MaxCodes = 1 << MaxCodeBits;
    private const int MaxBlock = 255;
    // Twice as many places as codes, so that looking for a string seldom meets another one.
    private const int Places = 2 * MaxCodes;
    private readonly IBufferWriter<byte> _output;
    private readonly Span<int> _keys;
    private readonly Span<ushort> _codes;
    private readonly Span<byte> _block;
    private int _blockLength;
    private uint _bits;
    private int _bitCount;
    private int _codeBits;
    private int _next;

    private GifCompressor(IBufferWriter<byte> output, Span<int> keys, Span<ushort> codes, Span<byte> block)
    {
        _output = output;
        _keys = keys;
        _codes = codes;
        _block = block;
        Forget();
    }

    /// <summary>Writes the image data of these samples.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> samples)
    {
        output.Write<byte>([SampleBits]);
        var compressor = new GifCompressor(output, new int[Places], new ushort[Places], stackalloc byte[MaxBlock]);
        compressor.Compress(samples);
        output.Write<byte>([0]);
    }

    private void Compress(ReadOnlySpan<byte> samples)
    {
        Emit(Clear);
        var prefix = (int)samples[0];
        foreach (var sample in samples[1..])
        {
            // The string known so far and the sample after it; 0 is a free place.
            var key = ((prefix << 8) | sample) + 1;
            var place = Find(key);
            if (_keys[place] == key)
            {
                prefix = _codes[place];
                continue;
            }
            Emit(prefix);
            prefix = sample;
            Learn(place, key);
        }
        Emit(prefix);
        // The reader has learnt a string from that code too, and may read wider from here.
        Widen(_next + 1);
        Emit(End);
        Flush();
    }

    private readonly int Find(int key)
    {
        var place = (int)((uint)(key * 0x9E3779B1u) >> (32 - MaxCodeBits - 1));
        while (_keys[place] != 0 && _keys[place] != key)
        {
            place = (place + 1) & (Places - 1);
        }
        return place;
    }

    private void Learn(int place, int key)
    {
        if (_next == MaxCodes)
        {
            Emit(Clear);
            Forget();
            return;
        }
        _keys[place] = key;
        _codes[place] = (ushort)_next++;
        Widen(_next);
    }

    // A reader learns a string one code later than the writer, and widens when the next string would not fit.
    private void Widen(int next)
    {
        if (next > 1 << _codeBits && _codeBits < MaxCodeBits)
        {
            _codeBits++;
        }
    }

    private void Forget()
    {
        _keys.Clear();
        _next = FirstFree;
        _codeBits = SampleBits + 1;
    }

    private void Emit(int code)
    {
        _bits |= (uint)code << _bitCount;
        for (_bitCount += _codeBits; _bitCount >= 8; _bitCount -= 8)
        {
            Put((byte)_bits);
            _bits >>= 8;
        }
    }

    private void Put(byte value)
    {
        _block[_blockLength++] = value;
        if (_blockLength == MaxBlock)
        {
            WriteBlock();
        }
    }

    private void Flush()
    {
        if (_bitCount > 0)
        {
            Put((byte)_bits);
        }
        if (_blockLength > 0)
        {
            WriteBlock();
        }
    }

    private void WriteBlock()
    {
        _output.Write<byte>([(byte)_blockLength]);
        _output.Write(_block[.._blockLength]);
        _blockLength = 0;
    }
}
