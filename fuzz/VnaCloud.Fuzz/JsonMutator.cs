using System.Text;
using System.Text.Json.Nodes;

namespace VnaCloud.Fuzz;

/// <summary>Puts wrong things in right places: what comes out is JSON always, so that it gets past the JSON parser.</summary>
internal static class JsonMutator
{
    private const int MostSteps = 4;

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "65536", "18446744073709551616", "0.1", "\"\"", "\"a\\\\b\"", "\"Ünïcode=Ω\"", "\"SQ\"", "\"UN\"", "\"DS\"", "\"FD\"", "\"AT\"", "\"US\"",
        "[]", "{}", "[[]]", "[{}]", "[null]", "[null,\"A\",null]", "[{\"Alphabetic\":1}]", "[{\"Alphabetic\":\"A\",\"Phonetic\":null}]", "[1,\"2\",3.5]", "\"AAAA\"", "\"not base64!\"",
        "{\"vr\":\"SQ\",\"Value\":[{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 100\"]}}]}", "{\"vr\":\"PN\",\"Value\":[{\"Ideographic\":\"=\"}]}", "{\"vr\":\"OB\",\"BulkDataURI\":\"http://host/\"}",
    ];

    private static readonly string[] Keys = ["vr", "Value", "InlineBinary", "BulkDataURI", "00100010", "7FE00010", "0008000G", "", "Alphabetic"];

    public static byte[] Mutate(Random random, byte[] seed)
    {
        var root = JsonNode.Parse(seed)!;
        for (var steps = random.Next(1, MostSteps + 1); steps > 0; steps--)
        {
            var node = Pick(random, root);
            var value = JsonNode.Parse(Values[random.Next(Values.Length)]);
            if (node is JsonObject target && random.Next(2) == 0)
            {
                target[Keys[random.Next(Keys.Length)]] = value;
            }
            else if (node.Parent is not null)
            {
                node.ReplaceWith(value);
            }
        }
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static JsonNode Pick(Random random, JsonNode root)
    {
        var node = root;
        while (random.Next(5) > 0)
        {
            var children = node switch
            {
                JsonObject inner => inner.Select(property => property.Value).ToList(),
                JsonArray items => [.. items],
                _ => [],
            };
            if (children.Count == 0 || children[random.Next(children.Count)] is not { } child)
            {
                return node;
            }
            node = child;
        }
        return node;
    }
}
