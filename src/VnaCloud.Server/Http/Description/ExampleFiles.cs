namespace VnaCloud.Server.Http.Description;

/// <summary>Requests and answers that the description shows: files of the slices' folders Examples. A test sends the requests, and compares (or, with VNA_WRITE_DOCS=1, writes) the answers.</summary>
internal static class ExampleFiles
{
    /// <exception cref="InvalidOperationException">There is none by this name.</exception>
    public static string Read(string name)
    {
        using var stream = typeof(ExampleFiles).Assembly.GetManifestResourceStream($"example/{name}") ?? throw new InvalidOperationException($"There is no example {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
