using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.TestKit;

/// <summary>Follows the messages of a PostgreSQL server to one client and hands out the texts of its notices (NoticeResponse).</summary>
internal sealed class BackendNotices(Action<string> found)
{
    private const int HeaderLength = 5;
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly List<byte> _notice = [];
    private int _have;
    private int _left;

    /// <summary>Always true: nothing is held back.</summary>
    public bool See(ReadOnlyMemory<byte> bytes)
    {
        var rest = bytes.Span;
        while (rest.Length > 0)
        {
            if (_have < HeaderLength)
            {
                _header[_have++] = rest[0];
                rest = rest[1..];
                if (_have == HeaderLength)
                {
                    _left = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(1)) - 4;
                }
            }
            var step = Math.Min(_left, _have == HeaderLength ? rest.Length : 0);
            if (_header[0] == 'N')
            {
                _notice.AddRange(rest[..step]);
            }
            rest = rest[step..];
            _left -= step;
            if (_have == HeaderLength && _left == 0)
            {
                EndMessage();
            }
        }
        return true;
    }

    // Fields, each a letter and a text that ends with zero; M is the message.
    private void EndMessage()
    {
        _have = 0;
        if (_header[0] != 'N')
        {
            return;
        }
        var message = Encoding.UTF8.GetString([.. _notice]).Split('\0').FirstOrDefault(static field => field.StartsWith('M'));
        _notice.Clear();
        if (message is not null)
        {
            found(message[1..]);
        }
    }
}
