using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// The content tree (PS3.3 section C.17.3.2) as lists in lists. Items have the position that references use as their id, "item-1.2.1".
/// Calls nest as deep as <see cref="ReportLimits.Depth"/> and no deeper.
/// </summary>
internal sealed partial class ReportTree(ReportMarkup markup, DicomDataSet root, ReportReferences references)
{
    private const int LowestHeading = 6;

    private readonly ReportValue _value = new(markup, references);
    private int _items;
    private bool _isStopped;
    private bool _isStopTold;

    /// <summary>Writes what is below the root.</summary>
    public void Write()
    {
        if (root.Items(DicomTags.ContentSequence).Count == 0)
        {
            markup.Raw("<p>"u8).Missing("This document has no content."u8).Raw("</p>"u8);
        }
        WriteChildren(new ReportItem(root), "1", 1);
    }

    private void WriteChildren(ReportItem parent, string position, int depth)
    {
        var children = parent.Children;
        if (children.Count == 0)
        {
            return;
        }
        if (depth > ReportLimits.Depth)
        {
            markup.Cut("Items nested deeper than this are not shown."u8);
            return;
        }
        var isContinuous = parent.IsContinuous;
        markup.Raw("<ul>\n"u8);
        for (var at = 0; at < children.Count && HasRoom();)
        {
            var end = isContinuous ? InlineEnd(children, at) : at;
            if (IsProse(children, at, end))
            {
                WriteProse(children, position, at, end, depth);
            }
            else
            {
                end = Math.Max(end, at + 1);
                for (var i = at; i < end && HasRoom(); i++)
                {
                    WriteItem(new ReportItem(children[i]), $"{position}.{i + 1}", depth);
                }
            }
            at = end;
        }
        markup.Raw("</ul>\n"u8);
        if (_isStopped && !_isStopTold)
        {
            _isStopTold = true;
            markup.Cut("The items after this one are not shown."u8);
        }
    }

    private void WriteItem(ReportItem item, string position, int depth)
    {
        _items++;
        markup.Raw(item.IsContainer ? "<li class=\"group\" id=\"item-"u8 : "<li id=\"item-"u8).Text(position).Raw("\">"u8);
        if (item.IsContainer)
        {
            WriteHeading(item, depth);
        }
        else
        {
            markup.Raw("<div class=\"row\"><span class=\"name\" dir=\"auto\">"u8);
            WriteName(item);
            markup.Raw("</span> <span class=\"value\" dir=\"auto\">"u8);
            WriteValue(item);
            WriteObserved(item);
            markup.Raw("</span></div>\n"u8);
        }
        WriteChildren(item, position, depth + 1);
        markup.Raw("</li>\n"u8);
    }

    private void WriteHeading(ReportItem item, int depth)
    {
        if (item.Concept is null && item.Kind.Length == 0)
        {
            return;
        }
        var level = Math.Min(depth + 1, LowestHeading);
        markup.Raw("<h"u8).Number(level).Raw(" dir=\"auto\">"u8);
        WriteName(item);
        WriteObserved(item);
        markup.Raw("</h"u8).Number(level).Raw(">\n"u8);
    }

    private void WriteName(ReportItem item)
    {
        if (item.Kind is { Length: > 0 } kind)
        {
            markup.Raw("<span class=\"kind\">"u8).Text(kind).Raw("</span> "u8);
        }
        if (item.Concept is { } concept)
        {
            markup.Raw("<span title=\""u8).Text(concept.Notation).Raw("\">"u8).Text(concept.Name).Raw("</span>"u8);
        }
        else if (item.ValueType is "COMPOSITE" or "IMAGE" or "WAVEFORM")
        {
            // Templates leave these without a name (PS3.16 TID 2010).
            markup.Text(ReportFormat.Word(item.ValueType));
        }
    }

    private void WriteObserved(ReportItem item)
    {
        if (item.Data.Text(DicomTags.ObservationDateTime) is { Length: > 0 } time)
        {
            markup.Raw(" <small>observed "u8).Text(ReportFormat.DateTime(time)).Raw("</small>"u8);
        }
    }

    private void WriteValue(ReportItem item)
    {
        if (item.IsByReference)
        {
            WriteReference(item.Data);
        }
        else
        {
            _value.Write(item);
        }
    }

    // The target is named and linked, never written again: references may go round in circles.
    private void WriteReference(DicomDataSet data)
    {
        var path = data.FirstValues(DicomTags.ReferencedContentItemIdentifier, ReportLimits.Depth, out var count);
        if (count > path.Count || Find(path) is not { } target)
        {
            markup.Missing("an item that this document does not have"u8);
            return;
        }
        var position = string.Join('.', path);
        markup.Raw("<a href=\"#item-"u8).Text(position).Raw("\">"u8).Text(target.Concept?.Name ?? ReportFormat.Word(target.ValueType))
            .Raw("</a> <small>item "u8).Text(position).Raw("</small>"u8);
    }

    // PS3.3 section C.17.3.2.5: positions from 1, the root's first.
    private ReportItem? Find(IReadOnlyList<string> path)
    {
        if (path is not ["1", ..])
        {
            return null;
        }
        var item = new ReportItem(root);
        foreach (var step in path.Skip(1))
        {
            if (!int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place) || place < 1 || place > item.Children.Count)
            {
                return null;
            }
            item = new ReportItem(item.Children[place - 1]);
        }
        return item;
    }

    // Asked when an item waits to be written.
    private bool HasRoom()
    {
        _isStopped |= _items >= ReportLimits.Items || markup.IsFull;
        return !_isStopped;
    }
}
