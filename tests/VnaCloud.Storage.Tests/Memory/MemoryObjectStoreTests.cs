using VnaCloud.Archive;
using VnaCloud.TestKit;

namespace VnaCloud.Storage.Tests;

/// <summary>The store of the simulator keeps the contract of the real ones.</summary>
public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    protected override IObjectStore Store { get; } = new MemoryObjectStore();
}
