using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace VnaCloud.Server.Access;

/// <summary>
/// What a valid access token allows: its scopes (<c>read write delete share admin</c>, or those of SMART such as <c>patient/ImagingStudy.rs</c>),
/// and of them what its roles allow where roles are configured. A patient/ scope limits the token to one patient, whatever else it has.
/// </summary>
internal sealed class TokenRights(OidcOptions options)
{
    private readonly Dictionary<string, Rights> _roles = options.Roles.Select(static role => role.Split('=')).GroupBy(static role => role[0], StringComparer.Ordinal)
        .ToDictionary(static role => role.Key, static role => role.Aggregate(Rights.None, static (all, one) => all | RightNames.Parse(one[1]).GetValueOrDefault()), StringComparer.Ordinal);

    /// <summary>The visitor; null, and why, where the token lacks what it must have.</summary>
    public Visitor? Read(JsonWebToken token, JsonElement claims, out string why)
    {
        why = "";
        if (token.Subject is not { Length: > 0 } subject)
        {
            why = "The token has no subject (sub).";
            return null;
        }
        var (rights, isOfPatient) = Scopes([.. Texts(claims, "scope"), .. Texts(claims, "scp")]);
        if (_roles.Count > 0)
        {
            rights &= Texts(claims, options.RolesClaim).Aggregate(Rights.None, (all, role) => all | _roles.GetValueOrDefault(role));
        }
        var name = Texts(claims, "name").Concat(Texts(claims, "preferred_username")).FirstOrDefault() ?? subject;
        if (!isOfPatient)
        {
            return new Visitor(subject, name, rights);
        }
        if (Texts(claims, options.PatientClaim).FirstOrDefault() is not { Length: > 0 } patient)
        {
            why = $"The token's scope is that of one patient, and the claim '{options.PatientClaim}' does not say of which.";
            return null;
        }
        return new Visitor(subject, name, rights & Rights.Read) { Reach = PatientOf(patient) };
    }

    // FHIR writes an identifier with its system in front (system|value); a bare one is that of any issuer.
    private static Reach PatientOf(string text) => text.LastIndexOf('|') is var bar and >= 0 ? Reach.OfPatient(text[(bar + 1)..], text[..bar]) : Reach.OfPatient(text, null);

    private static (Rights Rights, bool IsOfPatient) Scopes(IEnumerable<string> scopes)
    {
        var (rights, isOfPatient) = (Rights.None, false);
        foreach (var scope in scopes)
        {
            rights |= RightNames.Of(scope) | Smart(scope, out var ofPatient);
            isOfPatient |= ofPatient;
        }
        return (rights, isOfPatient);
    }

    // SMART App Launch 2: context/resource.cruds; 1: context/resource.read, .write or .*
    private static Rights Smart(string scope, out bool isOfPatient)
    {
        isOfPatient = false;
        if (scope.Split('/') is not [("patient" or "user" or "system") and var context, var rest] || rest.Split('?')[0].Split('.') is not [("ImagingStudy" or "*"), var what])
        {
            return Rights.None;
        }
        isOfPatient = context == "patient";
        return what switch
        {
            "read" => Rights.Read,
            "write" => Rights.Write,
            "*" => Rights.Read | Rights.Write,
            _ => (what.Contains('r') && what.Contains('s') ? Rights.Read : 0) | (what.Contains('c') ? Rights.Write : 0) | (what.Contains('d') ? Rights.Delete : 0),
        };
    }

    // A text with spaces or a list, under a name with dots.
    private static IEnumerable<string> Texts(JsonElement claims, string path)
    {
        var value = claims;
        // A name with dots may stand for itself, such as a URL.
        if (!claims.TryGetProperty(path, out var whole))
        {
            foreach (var name in path.Split('.'))
            {
                if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                {
                    return [];
                }
            }
            whole = value;
        }
        return whole.ValueKind switch
        {
            JsonValueKind.String when path is "scope" or "scp" => whole.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            JsonValueKind.String => [whole.GetString()!],
            JsonValueKind.Array => whole.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()!).ToList(),
            _ => [],
        };
    }
}
