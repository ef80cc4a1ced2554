using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace VnaCloud.Storage;

/// <summary>
/// Holds a configuration section against the type it will be bound to: unknown keys, unreadable values and values out of
/// range all become sentences, so that a typing error is neither silent nor reported one at a time.
/// </summary>
public static class ConfigurationReader
{
    /// <summary>Sentences, none when the section can be bound.</summary>
    public static List<string> Check(IConfigurationSection section, Type type)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(type);
        var errors = new List<string>();
        CheckObject(section, type, Activator.CreateInstance(type)!, errors);
        return errors;
    }

    private static void CheckObject(IConfigurationSection section, Type type, object defaults, List<string> errors)
    {
        var properties = type.GetProperties().ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        if (section.Value is { Length: > 0 })
        {
            errors.Add($"{section.Path} is a group of settings and has no value of its own; set one of {Names(section, properties.Keys)}.");
        }
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
            {
                errors.Add($"{child.Path} is not a setting; {Suggestion(section, child.Key, properties.Keys)}.");
            }
            else if (IsGroup(property.PropertyType))
            {
                CheckObject(child, property.PropertyType, property.GetValue(defaults)!, errors);
            }
            else if (property.PropertyType.IsArray)
            {
                CheckList(child, errors);
            }
            else
            {
                CheckValue(child, property, errors);
            }
        }
    }

    private static bool IsGroup(Type type) => type.IsClass && type != typeof(string) && !typeof(IEnumerable).IsAssignableFrom(type);

    // Lists here hold text only, which always can be bound; the mistake to catch is a single value without an index.
    private static void CheckList(IConfigurationSection section, List<string> errors)
    {
        if (section.Value is { Length: > 0 })
        {
            errors.Add($"{section.Path} is a list; write {section.Path}:0=value, {section.Path}:1=value and so on.");
        }
    }

    private static void CheckValue(IConfigurationSection setting, PropertyInfo property, List<string> errors)
    {
        if (setting.GetChildren().Any())
        {
            errors.Add($"{setting.Path} is one value and has no settings below it.");
            return;
        }
        var range = property.GetCustomAttribute<RangeAttribute>();
        var allowed = property.GetCustomAttribute<AllowedValuesAttribute>();
        var expected = range is not null ? string.Create(CultureInfo.InvariantCulture, $"a number from {range.Minimum} to {range.Maximum}")
            : allowed is not null ? string.Join(" or ", allowed.Values)
            : property.PropertyType.IsEnum ? string.Join(" or ", Enum.GetNames(property.PropertyType))
            : "a value that is not empty";
        if (!TryConvert(setting.Value, property.PropertyType, out var value)
            || property.GetCustomAttributes<ValidationAttribute>().Any(rule => !rule.IsValid(value)))
        {
            errors.Add($"{setting.Path} cannot be what it is set to; set it to {expected}.");
        }
    }

    private static bool TryConvert(string? text, Type type, out object? value)
    {
        value = text;
        if (type == typeof(string))
        {
            return true;
        }
        if (type.IsEnum)
        {
            // Enum.TryParse would take any number.
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(type, text, ignoreCase: true, out value);
        }
        try
        {
            value = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text ?? "");
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Suggestion(IConfigurationSection section, string unknown, IEnumerable<string> known)
    {
        var nearest = known.MinBy(name => Distance(name.ToUpperInvariant(), unknown.ToUpperInvariant()))!;
        return Distance(nearest.ToUpperInvariant(), unknown.ToUpperInvariant()) <= Math.Max(2, unknown.Length / 2)
            ? $"the nearest one is {section.Path}:{nearest}"
            : $"remove it, or use one of {Names(section, known)}";
    }

    private static string Names(IConfigurationSection section, IEnumerable<string> known) =>
        string.Join(", ", known.Select(name => $"{section.Path}:{name}"));

    // Levenshtein, one row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
