using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Server.Access;
using VnaCloud.Server.Tests.Hosting;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Access;

/// <summary>Every route against every kind of visitor.</summary>
public sealed partial class RouteRuleTests
{
    // Who may: r(ead) w(rite) d(elete) s(hare) a(dmin), p: one patient's token, g: who opened a share link, *: everybody.
    private static readonly (string Routes, string Who)[] Rules =
    [
        ("GET /health/live, GET /health/ready, GET /openapi/{documentName}.json, GET /dicom-web", "*"),
        ("GET /page/{file}, GET /shared, GET /shared/{file}, POST /shared/open, GET /access/sign-in, GET /access/callback, GET /access/me, POST /access/sign-out", "*"),
        ("GET /", "r"),
        ("GET /viewer/open, GET /viewer/{**path}", "rpg"),
        ("GET /dicom-web/studies, GET /dicom-web/series, GET /dicom-web/instances", "rpg"),
        ("GET /dicom-web/studies/{study}/series, GET /dicom-web/studies/{study}/instances, GET /dicom-web/studies/{study}/series/{series}/instances", "rpg"),
        ("GET /dicom-web/studies/{study}, GET /dicom-web/studies/{study}/series/{series}, GET /dicom-web/studies/{study}/series/{series}/instances/{instance}", "rpg"),
        ("GET /dicom-web/studies/{study}/metadata, GET /dicom-web/studies/{study}/series/{series}/metadata, GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata", "rpg"),
        ("GET /dicom-web/studies/{study}/rendered, GET /dicom-web/studies/{study}/series/{series}/rendered, GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/rendered", "rpg"),
        ("GET /dicom-web/studies/{study}/thumbnail, GET /dicom-web/studies/{study}/series/{series}/thumbnail, GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/thumbnail", "rpg"),
        ("GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}, GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered", "rpg"),
        ("GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frame}/thumbnail", "rpg"),
        ("GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/pixeldata, GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/bulkdata/{**path}", "rpg"),
        ("GET /dicom-web/wado", "rpg"),
        ("POST /dicom-web/studies, POST /dicom-web/studies/{study}", "w"),
        ("POST /dicom-web/commitment-requests/{transaction}, GET /dicom-web/commitment-requests/{transaction}", "w"),
        ("DELETE /dicom-web/studies/{study}, DELETE /dicom-web/studies/{study}/series/{series}, DELETE /dicom-web/studies/{study}/series/{series}/instances/{instance}", "d"),
        ("GET /changes, GET /statistics", "r"),
        ("POST /shares, GET /shares, DELETE /shares/{share}", "s"),
        ("GET /audit", "a"),
    ];

    [Fact]
    public async Task Routes_HaveEachARule_AndStandInTheMatrix()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await TestServer.StartAsync(issuer.Settings);
        var routes = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        Assert.Empty(routes.Where(route => route.Metadata.GetMetadata<AccessRule>() is null).Select(route => route.RoutePattern.RawText));
        var known = Rules.SelectMany(rule => rule.Routes.Split(", ")).ToHashSet();
        Assert.Equal(known.Order(), routes.SelectMany(Names).Distinct().Order());
    }

    [Fact]
    public async Task Matrix_IsWhatTheServerDoes()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        var visitors = new Dictionary<char, (string Name, string Value)>
        {
            ['r'] = Bearer(issuer.Token("read")),
            ['w'] = Bearer(issuer.Token("write")),
            ['d'] = Bearer(issuer.Token("delete")),
            ['s'] = Bearer(issuer.Token("share")),
            ['a'] = Bearer(issuer.Token("admin")),
            ['p'] = Bearer(issuer.Token("patient/ImagingStudy.rs write delete share admin", token => token.Claims["patient"] = "4711")),
            ['g'] = ("Cookie", await GuestAsync(server, issuer)),
            ['n'] = ("X-Nobody", "1"),
        };
        var wrong = new List<string>();
        foreach (var (routes, who) in Rules)
        {
            foreach (var route in routes.Split(", "))
            {
                var (method, pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
                foreach (var (kind, header) in visitors)
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), server.Server.Address + Path(pattern)[1..]);
                    request.Headers.TryAddWithoutValidation(header.Name, header.Value);
                    using var answer = await server.Client.SendAsync(request);
                    var may = who.Contains(kind, StringComparison.Ordinal) || who == "*";
                    var refused = kind == 'n' ? (pattern is "/" or "/viewer/open" or "/viewer/{**path}" ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized) : HttpStatusCode.Forbidden;
                    // Whom the server lets in gets what the handler says, 404 or 400 for what these paths name.
                    var isOpenAnyway = pattern is "/access/me" or "/access/callback" or "/access/sign-in" or "/shared/open" or "/access/sign-out" or "/shared";
                    if (!isOpenAnyway && (answer.StatusCode == refused) == may)
                    {
                        wrong.Add($"{route} by {kind}: {(int)answer.StatusCode}");
                    }
                }
            }
        }
        Assert.Empty(wrong);
    }

    private static (string, string) Bearer(string token) => ("Authorization", $"Bearer {token}");

    private static async Task<string> GuestAsync(WireServer server, TestIssuer issuer)
    {
        await ShareTests.StoreAsync(server, issuer);
        var link = await ShareTests.ShareAsync(server, issuer, new { study = Files.Study, download = true });
        return await ShareTests.OpenAsync(server, link.Token);
    }

    private static IEnumerable<string> Names(RouteEndpoint route) =>
        (route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()?.HttpMethods ?? []).Where(method => method is not ("HEAD" or "OPTIONS"))
            .Select(method => $"{method} /{route.RoutePattern.RawText!.Trim('/')}");

    // A study that is there for nobody, so that a delete hits nothing.
    private static string Path(string pattern) => Placeholder().Replace(pattern, match => match.Value switch
    {
        "{frames}" or "{frame}" => "1",
        "{documentName}" => "v1",
        "{file}" => "app.js",
        "{share}" => "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        _ => "1.2.3.4.5",
    });

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();
}
