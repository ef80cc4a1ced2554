using System.Text;

namespace VnaCloud.Server.Http.Negotiation;

/// <summary>
/// A media type or range with its parameters, read as PS3.18 clients write it: values may be unquoted though they hold a
/// '/' (<c>type=application/dicom</c>), and blanks may stand around '='. Names are lower case, values as sent.
/// </summary>
internal sealed record MediaType(string Name, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>The first parameter of that (lower case) name.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var parameter in Parameters)
            {
                if (parameter.Key == name)
                {
                    return parameter.Value;
                }
            }
            return null;
        }
    }

    /// <summary>Reads one media type; null when <paramref name="text"/> is not exactly one.</summary>
    public static MediaType? Parse(string? text) => ParseList(text ?? "", 1) is [var only] ? only : null;

    /// <summary>Reads a comma separated list; empty elements are allowed (RFC 9110 5.6.1).</summary>
    /// <returns>Null when the text is not such a list, or longer than <paramref name="limit"/>.</returns>
    public static List<MediaType>? ParseList(string text, int limit)
    {
        var types = new List<MediaType>();
        for (var at = 0; ; at++)
        {
            SkipBlanks(text, ref at);
            if (at < text.Length && text[at] != ',')
            {
                if (types.Count == limit || ReadOne(text, ref at) is not { } type)
                {
                    return null;
                }
                types.Add(type);
            }
            if (at == text.Length)
            {
                return types;
            }
        }
    }

    // Leaves `at` on the comma behind it or at the end.
    private static MediaType? ReadOne(string text, ref int at)
    {
        var name = ReadToken(text, ref at, ";,").ToLowerInvariant();
        if (!IsTypeName(name))
        {
            return null;
        }
        var parameters = new List<KeyValuePair<string, string>>();
        while (at < text.Length && text[at] == ';')
        {
            at++;
            SkipBlanks(text, ref at);
            if (at == text.Length || text[at] is ';' or ',')
            {
                continue;
            }
            var key = ReadToken(text, ref at, "=;,").ToLowerInvariant();
            if (key.Length == 0 || at == text.Length || text[at] != '=')
            {
                return null;
            }
            at++;
            SkipBlanks(text, ref at);
            if (ReadValue(text, ref at) is not { } value)
            {
                return null;
            }
            parameters.Add(new(key, value));
        }
        return new MediaType(name, parameters);
    }

    private static string? ReadValue(string text, ref int at)
    {
        if (at == text.Length || text[at] != '"')
        {
            var token = ReadToken(text, ref at, ";,");
            return token.Length > 0 && !token.Contains('"') ? token : null;
        }
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }
            value.Append(text[at]);
        }
        if (at == text.Length)
        {
            return null;
        }
        at++;
        SkipBlanks(text, ref at);
        return at == text.Length || text[at] is ';' or ',' ? value.ToString() : null;
    }

    private static string ReadToken(string text, ref int at, string stops)
    {
        var length = text.AsSpan(at).IndexOfAny(stops);
        var token = length < 0 ? text.AsSpan(at) : text.AsSpan(at, length);
        at += token.Length;
        return token.Trim(" \t").ToString();
    }

    private static bool IsTypeName(string name)
    {
        var slash = name.IndexOf('/');
        return slash > 0 && slash < name.Length - 1 && name.IndexOf('/', slash + 1) < 0
            && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.Contains('"');
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] is (' ' or '\t'))
        {
            at++;
        }
    }
}
