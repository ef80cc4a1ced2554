using System.Globalization;
using System.Text;
using System.Xml;

namespace VnaCloud.Dicom;

public sealed partial class DicomXmlReader
{
    private static readonly string[] Groups = ["Alphabetic", "Ideographic", "Phonetic"];
    private static readonly string[] Components = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    private bool IsOfModel() => _xml.NamespaceURI is "" or Namespace;

    // On the start of the next element within the one that is open; false at its end.
    private bool NextChild()
    {
        while (_xml.Read())
        {
            switch (_xml.NodeType)
            {
                case XmlNodeType.Element:
                    return IsOfModel() ? true : throw Fault("An element is not of the model's namespace");
                case XmlNodeType.EndElement:
                    return false;
                case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    break;
                default:
                    throw Fault("There is text between elements");
            }
        }
        throw Fault("The document ends early");
    }

    private void Expect(string name)
    {
        if (_xml.LocalName != name)
        {
            throw Fault($"There is another element where {name} is expected");
        }
    }

    private void ReadEmpty(DicomTag tag)
    {
        if (!_xml.IsEmptyElement && NextChild())
        {
            throw Fault("BulkData has no content", tag);
        }
    }

    // Values are numbered from 1; those that are left out between others are empty. 0: as it comes.
    private int NumberOf(DicomTag tag)
    {
        if (_xml.GetAttribute("number") is not { } text)
        {
            return 0;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw Fault("A number is not one from 1", tag);
    }

    private (int Number, string Text) ReadText()
    {
        var number = NumberOf(default);
        if (_xml.IsEmptyElement)
        {
            return (number, "");
        }
        var text = new StringBuilder();
        while (_xml.Read() && _xml.NodeType != XmlNodeType.EndElement)
        {
            text.Append(_xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace
                ? _xml.Value : throw Fault("A value has elements in it"));
        }
        return (number, text.ToString());
    }

    private byte[] Binary(DicomTag tag)
    {
        var text = ReadText().Text;
        try
        {
            var bytes = Convert.FromBase64String(text);
            return bytes.Length % 2 == 0 ? bytes : [.. bytes, 0];
        }
        catch (FormatException wrong)
        {
            throw new DicomFormatException(DicomFault.Malformed, "InlineBinary is not base64", 0, tag, wrong);
        }
    }

    // PS3.5 section 6.2.1: groups divided by '=', their components by '^'.
    private string ReadName(DicomTag tag)
    {
        if (_xml.IsEmptyElement)
        {
            return "";
        }
        var groups = new string[Groups.Length];
        while (NextChild())
        {
            var group = Array.IndexOf(Groups, _xml.LocalName);
            groups[group >= 0 ? group : throw Fault("A PersonName has groups that are none", tag)] = ReadGroup(tag);
        }
        return string.Join('=', groups).TrimEnd('=');
    }

    private string ReadGroup(DicomTag tag)
    {
        var components = new string[Components.Length];
        if (!_xml.IsEmptyElement)
        {
            while (NextChild())
            {
                var component = Array.IndexOf(Components, _xml.LocalName);
                components[component >= 0 ? component : throw Fault("A PersonName has components that are none", tag)] = ReadText().Text;
            }
        }
        return string.Join('^', components).TrimEnd('^');
    }

    /// <summary>What stands in one DicomAttribute.</summary>
    private sealed class Content
    {
        private readonly List<string> _values = [];
        private DicomElement? _only;

        public List<DicomDataSet> Items { get; } = [];

        public void Put(int number, string value, Action count)
        {
            number = number == 0 ? _values.Count + 1 : number;
            while (_values.Count < number)
            {
                count();
                _values.Add("");
            }
            _values[number - 1] = value;
        }

        public void SetOnly(DicomElement element, DicomTag tag) =>
            _only = _only is null && _values.Count == 0 && Items.Count == 0 ? element : throw Fault("An attribute has several contents", tag);

        public DicomElement ToElement(DicomTag tag, DicomVr vr, DicomDataSet dataSet)
        {
            if (_only is not null)
            {
                return _values.Count == 0 && Items.Count == 0 ? _only : throw Fault("An attribute has several contents", tag);
            }
            if (vr == DicomVr.SQ)
            {
                return new DicomElement(tag, Items);
            }
            if (vr.NumberSize() > 0)
            {
                return new DicomElement(tag, vr, Numbers(tag, vr));
            }
            var text = string.Join('\\', _values);
            var bytes = vr.UsesCharacterSet() ? dataSet.CharacterSet.Encode(text, vr) : Encoding.Latin1.GetBytes(text);
            return new DicomElement(tag, vr, bytes.Length % 2 == 0 ? bytes : [.. bytes, vr.Padding()]);
        }

        private byte[] Numbers(DicomTag tag, DicomVr vr)
        {
            using var bytes = new MemoryStream();
            foreach (var value in _values)
            {
                bytes.Write(DicomNumber.TryEncode(value.Trim(), vr, out var encoded) ? encoded : throw Fault($"The value is not a number of {vr}", tag));
            }
            return bytes.ToArray();
        }
    }
}
