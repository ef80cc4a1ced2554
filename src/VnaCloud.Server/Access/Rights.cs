namespace VnaCloud.Server.Access;

/// <summary>What a visitor may do.</summary>
[Flags]
internal enum Rights
{
    None = 0,

    /// <summary>Search and retrieve.</summary>
    Read = 1,

    /// <summary>Store, and ask for storage commitment.</summary>
    Write = 2,

    /// <summary>Delete.</summary>
    Delete = 4,

    /// <summary>Make links for people without an account, and revoke one's own.</summary>
    Share = 8,

    /// <summary>Read the audit trail, see and revoke everybody's links.</summary>
    Admin = 16,

    All = Read | Write | Delete | Share | Admin,
}

internal static class RightNames
{
    private static readonly Rights[] Single = [Rights.Read, Rights.Write, Rights.Delete, Rights.Share, Rights.Admin];

    /// <summary>One of "read", "write", "delete", "share", "admin"; none for anything else.</summary>
    public static Rights Of(string name) => Single.FirstOrDefault(right => right.ToString().Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A list such as "read,write"; null where one of it is no right.</summary>
    public static Rights? Parse(string list)
    {
        var rights = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Of).ToList();
        return rights.Count == 0 || rights.Contains(Rights.None) ? null : rights.Aggregate(static (all, right) => all | right);
    }

    /// <summary>Their names in lower case.</summary>
    public static string[] Names(this Rights rights) => [.. Single.Where(right => rights.HasFlag(right)).Select(static right => right.ToString().ToLowerInvariant())];
}
