namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The page's one stylesheet: for screens wide and narrow, light and dark, and for paper.</summary>
internal static class ReportStyle
{
    /// <summary>CSP source expression of <see cref="Sheet"/> (CSP3 section 2.3.1). A test computes it and says what it should be.</summary>
    public const string Hash = "sha256-nqHGf21VMN48cCkfC7f8TE8VhTl2QCnUZ+NFeI7BLME=";

    /// <summary>Content of the style element; holds neither ampersands nor less-than signs, so that HTML and XML read the same.</summary>
    public static ReadOnlySpan<byte> Sheet => """
        :root { color-scheme: light dark; --ink: #1b1f24; --muted: #5c6670; --line: #d5dae0; --paper: #fff; --card: #f5f7f9; --link: #0b5cad; --warn: #9a4b00; --good: #1a6b34; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --muted: #9aa5b1; --line: #3a424b; --paper: #14181c; --card: #1d2329; --link: #7db7f5; --warn: #f0a860; --good: #74cf92; } }
        * { box-sizing: border-box; }
        html { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
        body { max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; overflow-wrap: anywhere; }
        h1 { margin: .25rem 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
        h2, h3, h4, h5, h6 { margin: 1.4rem 0 .4rem; font-size: 1rem; line-height: 1.3; }
        h2 { padding-bottom: .2rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
        h3 { font-size: 1.1rem; }
        a { color: var(--link); }
        small { color: var(--muted); font-size: .8125rem; font-weight: normal; }
        .flags { margin: 0 0 .75rem; }
        .flags strong { display: inline-block; padding: 0 .5rem; border: 1px solid; border-radius: 1rem; color: var(--good); font-size: .75rem; letter-spacing: .03em; }
        .flags .open { color: var(--warn); }
        dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .4rem 1.5rem; margin: 0 0 1rem; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
        dt { color: var(--muted); font-size: .75rem; }
        dd { margin: 0; }
        ul { margin: 0; padding: 0; list-style: none; }
        ul ul { padding-left: 1rem; border-left: 2px solid var(--line); }
        .group { margin-bottom: .75rem; }
        main > ul > .group > ul { padding-left: 0; border-left: 0; }
        .row { display: grid; grid-template-columns: minmax(8rem, 16rem) 1fr; gap: 0 1rem; padding: .2rem 0; }
        .name { color: var(--muted); }
        .kind { padding: 0 .35rem; border-radius: .25rem; background: var(--card); color: var(--muted); font-size: .75rem; font-weight: normal; }
        .value, .prose p { white-space: pre-wrap; }
        .number { font-variant-numeric: tabular-nums; }
        .uid, .points { overflow-wrap: anywhere; font-size: .75rem; }
        .prose p { margin: .4rem 0; }
        sup { color: var(--muted); font-size: .7em; line-height: 0; }
        .notes { color: var(--muted); font-size: .875rem; }
        .missing { color: var(--muted); }
        .cut { color: var(--warn); }
        footer { margin-top: 2rem; padding-top: .5rem; border-top: 1px solid var(--line); }
        .incomplete { position: sticky; bottom: 0; margin: 1rem 0 0; padding: .5rem 1rem; border: 1px solid var(--warn); border-radius: .5rem; background: var(--card); color: var(--warn); }
        :target { outline: 2px solid var(--link); outline-offset: 2px; }
        @media (max-width: 38rem) { body { padding: .75rem; } .row { display: block; } .name { display: block; font-size: .8125rem; } dl { grid-template-columns: 1fr; } ul ul { padding-left: .6rem; } }
        @media print { :root { color-scheme: light; --ink: #000; --muted: #444; --line: #bbb; --paper: #fff; --card: #fff; --link: #000; --warn: #000; --good: #000; } html { font-size: 11pt; } body { max-width: none; padding: 0; } h2, h3, h4, h5, h6 { break-after: avoid; } .row, dl div { break-inside: avoid; } a { text-decoration: none; } .incomplete { position: static; } }
        """u8;
}
