using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Access;

/// <summary>Keeps the keys that protect cookies in the index, so that every server reads what any of them wrote.</summary>
internal sealed class KeyRing(ArchiveHost archive) : IXmlRepository
{
    // The interface is synchronous; keys are read at the first cookie and then once a day.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Task.Run(() => archive.Archive.Access.KeysAsync(CancellationToken.None)).GetAwaiter().GetResult().Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName) =>
        Task.Run(() => archive.Archive.Access.AddKeyAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting), CancellationToken.None)).GetAwaiter().GetResult();
}
