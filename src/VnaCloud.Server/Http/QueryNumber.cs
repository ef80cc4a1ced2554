using System.Globalization;

namespace VnaCloud.Server.Http;

/// <summary>A number of a query with its bounds.</summary>
internal static class QueryNumber
{
    /// <summary>Null where it is there and cannot be read.</summary>
    public static int? Read(HttpRequest request, string name, int otherwise, int least, int most) => request.Query[name] switch
    {
        [] => otherwise,
        [{ } text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least => Math.Min(number, most),
        _ => null,
    };
}
