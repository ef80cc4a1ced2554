using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>What <c>iccprofile</c> asks for (PS3.18 8.3.5.1.5).</summary>
public enum IccChoice
{
    /// <summary>No profile in the picture.</summary>
    No,

    /// <summary>The image's own profile, or that of sRGB.</summary>
    Yes,

    /// <summary>In sRGB.</summary>
    Srgb,

    /// <summary>In Adobe RGB (1998).</summary>
    AdobeRgb,

    /// <summary>In ROMM RGB.</summary>
    RommRgb,

    /// <summary>In Display P3.</summary>
    DisplayP3,
}

/// <summary>Gives colour pictures their profile.</summary>
internal static class IccChoices
{
    public static Picture Apply(this IccChoice choice, Picture picture, DicomDataSet dataSet)
    {
        if (choice == IccChoice.No || picture.Channels != 3)
        {
            return picture;
        }
        var own = OwnOf(dataSet);
        if (choice == IccChoice.Yes)
        {
            return picture with { Profile = own ?? IccProfile.Of(ColourSpace.Srgb) };
        }
        var space = choice switch
        {
            IccChoice.AdobeRgb => ColourSpace.AdobeRgb,
            IccChoice.RommRgb => ColourSpace.RommRgb,
            IccChoice.DisplayP3 => ColourSpace.DisplayP3,
            _ => ColourSpace.Srgb,
        };
        if (own is null)
        {
            return (space == ColourSpace.Srgb ? picture : ColourConversion.Convert(picture, IccSource.Of(ColourSpace.Srgb), space)) with { Profile = IccProfile.Of(space) };
        }
        // A profile of tables goes with its colours as they are: it says what they mean, so whoever heeds profiles shows them right.
        return IccSource.Read(own.Value.Span) is { } source ? ColourConversion.Convert(picture, source, space) with { Profile = IccProfile.Of(space) }
            : picture with { Profile = own.Value, Remark = $"The colour profile of the image is made of tables and was kept: its colours are not turned into {ColourSpaces.NameOf(space)}." };
    }

    // Of the image (PS3.3 C.11.15), or of the first optical path of a slide (C.8.12.5).
    private static ReadOnlyMemory<byte>? OwnOf(DicomDataSet dataSet)
    {
        var element = dataSet[DicomTags.ICCProfile] ?? (dataSet[DicomTags.OpticalPathSequence]?.Items is [var path, ..] ? path[DicomTags.ICCProfile] : null);
        return element is { IsLocatedOnly: false, Length: > 128 } ? (ReadOnlyMemory<byte>?)element.Value : null;
    }
}
