using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Commitment;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Qido;
using VnaCloud.Server.Tests.Hosting;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.House;

/// <summary>The conformance statement says of the archive server what its code does, neither more nor less.</summary>
public sealed class StatementTests
{
    [Fact]
    public async Task Resources_AreTheRoutes()
    {
        await using var server = await TestServer.StartAsync();
        var routes = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Where(method => method is not ("HEAD" or "OPTIONS"))
                .Select(method => (Path: $"/{route.RoutePattern.RawText!.Trim('/')}", Method: method, Summary: route.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary ?? "")))
            .Where(route => route.Path.StartsWith("/dicom-web", StringComparison.Ordinal));
        ConformanceStatement.Check("resources", ["method", "resource", "what"],
            routes.OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal).Select(route => new[] { route.Method, $"`{route.Path}`", route.Summary }));
    }

    [Fact]
    public void StoreReasons_AreThoseOfTheCode() => Assert.Equal(
        Codes(Enum.GetValues<FailureReason>().Select(reason => (ushort)reason)).Concat(Codes(Enum.GetValues<WarningReason>().Select(reason => (ushort)reason))),
        ConformanceStatement.Rows("store reasons").Select(row => row[0]));

    [Fact]
    public void CommitmentReasons_AreThoseOfTheCode()
    {
        Assert.Equal(Codes(Enum.GetValues<CustodyFailure>().Select(reason => (ushort)reason)), ConformanceStatement.Rows("commitment reasons").Select(row => row[0]));
        Assert.Contains($"{CommitmentRequest.MaxReferences.ToString("N0", CultureInfo.InvariantCulture)} at most", File.ReadAllText(Path.Combine(TestKit.Corpus.Repository, "docs", "conformance.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void SearchAttributes_AreThoseOfIndexAndResults()
    {
        var columns = ResultColumns.All.ToDictionary(column => column.Tag);
        var tags = columns.Keys.Select(tag => (Tag: tag, Indexed: IndexedAttributes.All.FirstOrDefault(indexed => indexed.Tag == tag && indexed.Sequence == default)))
            .Concat(IndexedAttributes.All.Where(indexed => indexed.Sequence != default || !columns.ContainsKey(indexed.Tag)).Select(indexed => (indexed.Tag, Indexed: (IndexedAttribute?)indexed)));
        var rows = from one in tags
                   let level = one.Indexed?.Level ?? columns[one.Tag].Level
                   let sequence = one.Indexed?.Sequence ?? default
                   orderby level, sequence == default ? one.Tag : sequence, one.Tag
                   select new[]
                   {
                       level.ToString().ToLowerInvariant(),
                       sequence == default ? DicomDictionary.Find(one.Tag)!.Keyword : $"{DicomDictionary.Find(sequence)!.Keyword}.{one.Indexed!.Keyword}",
                       one.Tag.ToString(), Vr(one.Tag), one.Indexed is null ? "" : Matching(one.Indexed.Vr),
                       columns.TryGetValue(one.Tag, out var column) ? Returned(column.Presence) : "in its sequence",
                   };
        ConformanceStatement.Check("search attributes", ["level", "attribute", "tag", "VR", "matched by", "returned"], rows);
    }

    [Fact]
    public void Limits_AreThoseOfTheOptions()
    {
        var options = new LimitOptions();
        ConformanceStatement.Check("server limits", ["setting", "default"], typeof(LimitOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => new[] { $"`{property.Name}`", Number(property.GetValue(options)!) }));
        ConformanceStatement.Check("search limits", ["limit of a search", "most"], typeof(QidoLimits).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.Name is not (nameof(QidoLimits.PageRows) or nameof(QidoLimits.MetadataDepth))).Select(field => new[] { Words(field.Name), Number(field.GetRawConstantValue()!) }));
    }

    // Terms by their registration numbers, and those that stand alone: whoever adds a set has to write it down.
    [Fact]
    public void CharacterSets_AreThoseThatAreRead()
    {
        static bool IsKnown(string term) => !SpecificCharacterSet.Parse([term]).HasUnknownTerm;
        var numbers = Enumerable.Range(1, 300).Where(number => IsKnown($"ISO_IR {number}") || IsKnown($"ISO 2022 IR {number}")).Order();
        var documented = ConformanceStatement.Rows("character sets").SelectMany(row => row[..2]).Where(term => term.Length > 0).ToList();
        Assert.All(documented, term => Assert.True(IsKnown(term), term));
        Assert.Equal(numbers, documented.Where(term => term.StartsWith("ISO", StringComparison.Ordinal)).Select(term => int.Parse(term.Split(' ')[^1], CultureInfo.InvariantCulture)).Distinct().Order());
        Assert.Equal(["GB18030", "GBK"], documented.Where(term => !term.StartsWith("ISO", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Codes(IEnumerable<ushort> codes) => codes.Where(code => code != 0).Order().Select(code => $"{code:X4}H");

    private static string Vr(DicomTag tag) => DicomDictionary.VrOf(tag, null).ToString();

    private static string Matching(DicomVr vr) => vr switch
    {
        DicomVr.DA or DicomVr.TM => "value, range",
        DicomVr.PN => "name, wildcard",
        DicomVr.UI => "list",
        DicomVr.IS or DicomVr.US => "number",
        DicomVr.CS => "value, wildcard, list",
        _ => "value, wildcard",
    };

    private static string Returned(Presence presence) => presence switch
    {
        Presence.Always => "always",
        Presence.WhenKnown => "when known",
        _ => "when asked",
    };

    private static string Number(object number) => Convert.ToInt64(number, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture);

    private static string Words(string name) => string.Concat(name.Select((character, i) => char.IsUpper(character) && i > 0 ? $" {char.ToLowerInvariant(character)}" : $"{character}"));
}
