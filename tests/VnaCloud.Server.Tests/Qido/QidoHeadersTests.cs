using Microsoft.AspNetCore.Http;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Qido;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>Counts, warnings and the link to the next page.</summary>
public sealed class QidoHeadersTests
{
    [Fact, Trait("dicomweb", "92"), Trait("dicomweb", "95"), Trait("dicomweb", "97")]
    public void Answer_WithMoreToCome_SaysSoAndWhereToGoOn()
    {
        var headers = Set("limit=10&PatientName=D%C3%B6e%2A&includefield=StudyDescription", new SearchPage([], 25, false, "key/+"));

        Assert.Equal("25", headers["X-Total-Count"]);
        Assert.False(headers.ContainsKey("X-Total-Count-Relation"));
        Assert.Equal("299 vna.test:8080: There are 15 additional results that can be requested", headers["Warning"]);
        Assert.Equal(
            "<http://vna.test:8080/base/dicom-web/studies?limit=10&PatientName=D%C3%B6e%2A&includefield=StudyDescription&cursor=10.key%2F%2B>; rel=\"next\"",
            headers.Link);
    }

    [Fact, Trait("dicomweb", "92")]
    public void Answer_WithTheLastResults_HasNeitherWarningNorLink()
    {
        var headers = Set("limit=10&offset=15", new SearchPage([], 25, false, null));

        Assert.False(headers.ContainsKey("Warning"));
        Assert.False(headers.ContainsKey("Link"));
    }

    [Fact, Trait("dicomweb", "94")]
    public void Limit_AboveTheMaximum_IsCutWithAWarning()
    {
        var headers = Set("limit=10000", new SearchPage([], 7000, false, "k"));

        Assert.Equal("299 vna.test:8080: There are 2000 additional results that can be requested", headers["Warning"]);
        Assert.Contains("limit=10000&offset=5000>", headers.Link.ToString(), StringComparison.Ordinal);
    }

    [Fact, Trait("dicomweb", "95")]
    public void Count_ThatStopped_IsALowerBound()
    {
        var headers = Set("cursor=20000.k", new SearchPage([], 10000, true, "l"));

        Assert.Equal(("10000", "gte"), (headers["X-Total-Count"].ToString(), headers["X-Total-Count-Relation"].ToString()));
        Assert.Contains("There are 1 additional results", headers["Warning"].ToString(), StringComparison.Ordinal);
        Assert.Contains("?cursor=20100.l>", headers.Link.ToString(), StringComparison.Ordinal);
    }

    [Fact, Trait("attack", "45")]
    public void Value_WithLineBreaks_StaysEncodedInHeaders()
    {
        var headers = Set("limit=1&PatientID=a%0D%0ASet-Cookie:x%3E%22é", new SearchPage([], 2, false, "k"));

        Assert.Contains("PatientID=a%0D%0ASet-Cookie%3Ax%3E%22%C3%A9&", headers.Link.ToString(), StringComparison.Ordinal);
        Assert.All(headers, header => Assert.All(header.Value.ToString(), character => Assert.InRange(character, ' ', '~')));
    }

    [Fact, Trait("dicomweb", "100")]
    public void IncludeField_Unknown_IsWarnedOfOnce()
    {
        var headers = Set("includefield=Nonsense," + string.Join(',', Enumerable.Range(0, 20).Select(i => $"No{i}")), new SearchPage([], 0, false, null));

        Assert.Equal(
            "299 vna.test:8080: The includefield attributes Nonsense No0 No1 No2 No3 No4 No5 No6 and 13 more are not known and have been ignored",
            headers["Warning"].ToString());
    }

    private static IHeaderDictionary Set(string query, SearchPage page)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = "/dicom-web/studies";
        context.Request.QueryString = new QueryString("?" + query);
        var (request, faults) = QidoRequestReader.Read(new QidoResource(QueryLevel.Study), context.Request.QueryString.Value, new LimitOptions());
        Assert.Null(faults);
        QidoHeaders.Set(context.Response, request!, page, "http://vna.test:8080/base");
        return context.Response.Headers;
    }
}
