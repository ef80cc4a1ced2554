using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using VnaCloud.Dicom;

namespace VnaCloud.DicomWeb;

public sealed partial class DicomWebClient
{
    private static readonly JsonSerializerOptions JsonLimits = new() { MaxDepth = DicomJsonReader.MaxJsonDepth };

    /// <summary>
    /// Searches (QIDO-RS, PS3.18 10.6) page by page until there is nothing more: a service may give fewer results than it is asked for, so only an
    /// empty page, its own count or a missing next link after earlier ones ends the search. Bulk values are empty.
    /// </summary>
    /// <param name="resource"><c>studies</c>, <c>series</c>, <c>instances</c>, or one of these below a <see cref="DicomPath"/>.</param>
    /// <param name="query">Matching keys and includefield; not limit and offset, which are the pages' own.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="DicomWebException">The search failed; what was given before is good.</exception>
    public async IAsyncEnumerable<DicomDataSet> SearchAsync(
        string resource, IReadOnlyList<KeyValuePair<string, string>> query, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var pages = new SearchPages(new Uri(_service, resource), query, _options);
        while (pages.Next is { } uri)
        {
            var result = await GetAsync(uri, DicomJson, cancellation);
            await using var answer = result.Require();
            var reader = pages.Begin(answer.Response);
            await foreach (var item in ReadArrayAsync(answer, cancellation))
            {
                reader.Add(item);
                yield return ReadDataSet(item);
            }
            pages.End(reader);
        }
    }

    /// <summary>The metadata of instances (PS3.18 10.4.1.1.2) as DICOM JSON objects, one by one as they arrive; bulk values are URIs.</summary>
    /// <exception cref="DicomWebException">The request failed, or the answer is cut off; what was given before is good.</exception>
    public async IAsyncEnumerable<JsonElement> MetadataAsync(DicomPath path, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var result = await GetAsync(new Uri(_service, $"{path}/metadata"), DicomJson, cancellation);
        await using var answer = result.Require();
        await foreach (var item in ReadArrayAsync(answer, cancellation))
        {
            yield return item;
        }
    }

    private static DicomDataSet ReadDataSet(JsonElement item)
    {
        try
        {
            return DicomJsonReader.Read(item, EmptyBulk);
        }
        catch (DicomFormatException malformed)
        {
            throw new DicomWebException(new WebError(WebFault.Malformed, $"A result is not a DICOM data set: {malformed.Message}"), malformed);
        }
    }

    private async IAsyncEnumerable<JsonElement> ReadArrayAsync(WebAnswer answer, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (answer.Response.StatusCode == System.Net.HttpStatusCode.NoContent)
        {
            yield break;
        }
        var body = await answer.OpenAsync(_options.JsonBytes, cancellation);
        await using var items = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(body, JsonLimits, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (JsonException malformed)
            {
                throw new DicomWebException(new WebError(WebFault.Malformed, "The answer is not a JSON array, or is cut off."), malformed);
            }
            yield return items.Current;
        }
    }
}

/// <summary>The way from page to page of one search.</summary>
internal sealed class SearchPages(Uri resource, IReadOnlyList<KeyValuePair<string, string>> query, DicomWebOptions options)
{
    private long _given;
    private int _pages;
    private bool _linked;
    private string? _lastFirst;

    /// <summary>Where the next page is; null after the last.</summary>
    public Uri? Next { get; private set; } = Page(resource, query, options.SearchPage, 0);

    public SearchPage Begin(HttpResponseMessage response)
    {
        if (++_pages > options.SearchPages)
        {
            throw Malformed($"The search has more than {options.SearchPages} pages.");
        }
        return new SearchPage(Link(response), Total(response));
    }

    public void End(SearchPage page)
    {
        if (page.First is not null && page.First == _lastFirst)
        {
            throw Malformed("The service gives the same page again and again.");
        }
        _lastFirst = page.First;
        _given += page.Count;
        var done = page.Count == 0 || (page.Next is null && (_linked || _given >= page.Total));
        _linked |= page.Next is not null;
        Next = done ? null : page.Next ?? Page(resource, query, options.SearchPage, _given);
    }

    private static DicomWebException Malformed(string message) => new(new WebError(WebFault.Malformed, message));

    private static Uri Page(Uri resource, IReadOnlyList<KeyValuePair<string, string>> query, int limit, long offset)
    {
        var keys = query.Select(key => $"{Uri.EscapeDataString(key.Key)}={Uri.EscapeDataString(key.Value)}")
            .Append(string.Create(CultureInfo.InvariantCulture, $"limit={limit}"))
            .Append(string.Create(CultureInfo.InvariantCulture, $"offset={offset}"));
        return new UriBuilder(resource) { Query = string.Join('&', keys) }.Uri;
    }

    private Uri? Link(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var links))
        {
            return null;
        }
        foreach (var link in links.SelectMany(line => line.Split(',')))
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            if (link.TrimStart().StartsWith('<') && end > 0 && link[end..].Replace("\"", "", StringComparison.Ordinal).Contains("rel=next", StringComparison.OrdinalIgnoreCase)
                && Uri.TryCreate(resource, link[..end].TrimStart()[1..], out var next))
            {
                // Credentials go to the service that was named, and nowhere else; behind a proxy it may not know its own name.
                return new UriBuilder(resource) { Query = next.Query }.Uri;
            }
        }
        return null;
    }

    // A count that is a lower bound says nothing about the end.
    private static long Total(HttpResponseMessage response) =>
        long.TryParse(Header(response, "X-Total-Count"), NumberStyles.None, CultureInfo.InvariantCulture, out var total)
        && Header(response, "X-Total-Count-Relation") is null or "eq" ? total : long.MaxValue;

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}

/// <summary>One page of a search while it is read.</summary>
internal sealed class SearchPage(Uri? next, long total)
{
    public Uri? Next { get; } = next;

    public long Total { get; } = total;

    public int Count { get; private set; }

    public string? First { get; private set; }

    public void Add(JsonElement item)
    {
        First ??= item.GetRawText();
        Count++;
    }
}
