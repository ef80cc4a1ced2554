using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace VnaCloud.Gateway.Hosting;

/// <summary>
/// Holds a configuration section against the type it will be bound to: unknown keys, unreadable values and values out of range all become
/// sentences, so that a typing error is neither silent nor reported one at a time.
/// </summary>
internal static class SettingsCheck
{
    /// <summary>Sentences, none when the section can be bound.</summary>
    public static List<string> Find(IConfigurationSection section, Type type)
    {
        var errors = new List<string>();
        CheckGroup(section, type, errors);
        return errors;
    }

    private static void CheckGroup(IConfigurationSection section, Type type, List<string> errors)
    {
        var properties = type.GetProperties().Where(property => property.SetMethod is not null).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        if (section.Value is { Length: > 0 })
        {
            errors.Add($"{section.Path} is a group of settings and has no value of its own; set one of {Names(section, properties.Keys)}.");
        }
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
            {
                errors.Add($"{child.Path} is not a setting; use one of {Names(section, properties.Keys)}.");
            }
            else if (property.PropertyType.IsArray)
            {
                CheckList(child, property.PropertyType.GetElementType()!, errors);
            }
            else if (IsGroup(property.PropertyType))
            {
                CheckGroup(child, property.PropertyType, errors);
            }
            else
            {
                CheckValue(child, property, errors);
            }
        }
    }

    private static bool IsGroup(Type type) => type.IsClass && type != typeof(string);

    private static void CheckList(IConfigurationSection section, Type element, List<string> errors)
    {
        if (section.Value is { Length: > 0 })
        {
            errors.Add(IsGroup(element)
                ? $"{section.Path} is a list of groups; write {section.Path}:0:{element.GetProperties()[0].Name}=value and so on."
                : $"{section.Path} is a list; write {section.Path}:0=value, {section.Path}:1=value and so on.");
        }
        foreach (var child in section.GetChildren().Where(_ => IsGroup(element)))
        {
            CheckGroup(child, element, errors);
        }
    }

    private static void CheckValue(IConfigurationSection setting, PropertyInfo property, List<string> errors)
    {
        if (setting.GetChildren().Any())
        {
            errors.Add($"{setting.Path} is one value and has no settings below it.");
        }
        else if (!TryConvert(setting.Value, property.PropertyType, out var value)
            || property.GetCustomAttributes<ValidationAttribute>().Any(rule => !rule.IsValid(value)))
        {
            errors.Add($"{setting.Path} cannot be what it is set to; set it to {Expected(property)}.");
        }
    }

    private static string Expected(PropertyInfo property) =>
        property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $"a number from {range.Minimum} to {range.Maximum}")
        : property.PropertyType.IsEnum ? string.Join(" or ", Enum.GetNames(property.PropertyType))
        : "a value that is not empty";

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

    private static string Names(IConfigurationSection section, IEnumerable<string> known) => string.Join(", ", known.Select(name => $"{section.Path}:{name}"));
}
