namespace VnaCloud.Server.Viewer;

/// <summary>
/// What the viewer may do in a browser. Nothing is loaded from, or sent to, another origin; each permission beyond the origin's own
/// files is one that OHIF does not run without.
/// </summary>
internal static class ViewerHeaders
{
    private const string Shared =
        // Styles that its components set while they run.
        "style-src 'self' 'unsafe-inline'; "
        // Thumbnails are drawn in the browser; icons are within the styles.
        + "img-src 'self' data: blob:; font-src 'self'; connect-src 'self' blob: data:; "
        // Videos and PDF documents are fetched as bulk data and shown from memory.
        + "media-src 'self' blob:; object-src 'self' blob:; frame-src 'self' blob:; "
        // Workers of the origin's files, and of OpenLayers (slides), which makes its own from memory.
        + "worker-src 'self' blob:; "
        + "form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    // The codecs are WebAssembly.
    private const string Page = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " + Shared;

    // A worker has the policy of its own script. Emscripten's bindings of the codecs make functions of text; a worker has no document
    // that a script could be put into, and reads nothing but pixels.
    private const string Decoder = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self' blob: data:; worker-src 'self'";

    public static void Set(IHeaderDictionary headers, bool decoder)
    {
        headers.ContentSecurityPolicy = decoder ? Decoder : Page;
        headers["Referrer-Policy"] = "same-origin";
        // Isolated from other origins' pages: precise timers and memory that workers share.
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Embedder-Policy"] = "require-corp";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
