namespace VnaCloud.Server.Viewer;

/// <summary>Settings <c>Vna:Viewer</c>.</summary>
internal sealed class ViewerOptions
{
    /// <summary>The folder that eng/viewer.sh made. Default: viewer beside the server.</summary>
    public string? Path { get; init; }
}
